package org.codonfuse.compute;

/**
 * Memory of a device that a process holds.
 *
 * @param used bytes that tensors use
 * @param held bytes that are held for these and later ones
 * @param peak the most bytes that were held
 */
public record MemoryUse(long used, long held, long peak) {}
