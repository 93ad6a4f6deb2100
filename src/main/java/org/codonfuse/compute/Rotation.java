package org.codonfuse.compute;

/**
 * Rotary position embedding with rotated halves (Su et al. 2021, the layout of ESM-2): x · cos +
 * rotate(x) · sin per head, where rotate maps [x1 ‖ x2] to [−x2 ‖ x1].
 *
 * @param cos float32 [positions, headWidth]
 * @param sin float32 [positions, headWidth]
 */
public record Rotation(Tensor cos, Tensor sin) {}
