/** Embeddings on disk: written part by part, resumed, mapped into memory. */
package org.codonfuse.embedding.store;
