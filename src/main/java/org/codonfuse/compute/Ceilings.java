package org.codonfuse.compute;

/**
 * What this machine does at best, so that a kernel can be told as a share of it.
 *
 * @param flops float32 operations a second on all threads, every fused multiply-add counted as two
 * @param bytesPerSecond bytes a second read from memory on all threads
 */
public record Ceilings(double flops, double bytesPerSecond) {}
