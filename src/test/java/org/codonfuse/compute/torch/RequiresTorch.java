package org.codonfuse.compute.torch;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that need LibTorch: skipped with the reason where it is missing, failed for the same reason
 * where the environment has {@code CI=true}. Afterwards no native tensor or optimiser may be left.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(TorchExtension.class)
public @interface RequiresTorch {}
