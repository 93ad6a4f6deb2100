package org.codonfuse.compute;

/**
 * Which positions of a padded batch are valid.
 *
 * @param valid {@link DType#BOOL} [batch, position]
 * @param full whether all positions are valid, known without looking at the device
 */
public record Mask(Tensor valid, boolean full) {}
