/**
 * Why a trained model predicts what it predicts: what each modality and each codon contributes, and
 * what another codon would change.
 */
package org.codonfuse.explain;
