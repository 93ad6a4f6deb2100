/** Models on the Hugging Face hub, kept in the cache that Python's tools share. */
package org.codonfuse.weights.hub;
