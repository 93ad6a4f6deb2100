package org.codonfuse.encoder;

/**
 * A linear layer of an encoder that can be adapted.
 *
 * @param layer index of the transformer layer that it is in
 * @param name our name, such as {@code layer.0.attention.query}; of its weight [out, in] with
 *     {@code .weight}
 * @param path in the published model without its prefix, such as {@code
 *     encoder.layer.0.attention.self.query}
 * @param in width of what it reads
 * @param out width of what it gives; of both halves where it is gated
 */
public record AdaptableModule(int layer, String name, String path, int in, int out) {}
