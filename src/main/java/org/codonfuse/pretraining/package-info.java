/**
 * Trains encoders themselves: to tell what stands where tokens of a sequence were masked, as ESM-2,
 * Nucleotide Transformer v2 and RNA-FM were trained.
 */
package org.codonfuse.pretraining;
