package org.codonfuse.training.run;

import org.codonfuse.training.TargetScale;

/**
 * One target of a model.
 *
 * @param name the column that it was trained on
 * @param scale how it was standardised; {@link TargetScale#IDENTITY} for classes
 */
public record TargetConfig(String name, TargetScale scale) {}
