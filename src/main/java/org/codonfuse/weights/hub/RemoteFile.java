package org.codonfuse.weights.hub;

/**
 * What the hub says of a file.
 *
 * @param name its path in the repository
 * @param commit the commit that the revision stands for
 * @param etag the SHA-256 of large files, git's SHA-1 of others; its name in the cache
 * @param size in bytes
 */
record RemoteFile(String name, String commit, String etag, long size) {}
