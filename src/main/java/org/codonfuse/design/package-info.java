/**
 * Better sequences for the same protein: a search over synonymous codons with trained models as the
 * objective, under constraints.
 */
package org.codonfuse.design;
