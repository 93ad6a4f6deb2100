package org.codonfuse.weights.hub;

/**
 * What is known of a published file beforehand.
 *
 * @param sha256 64 lower-case hexadecimal digits
 * @param size in bytes
 */
public record KnownFile(String sha256, long size) {}
