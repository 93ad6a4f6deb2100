package org.codonfuse.compute;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Empty, single, around the lanes of every vector width, odd, and around blocks of 1024. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "size {0}")
@ValueSource(ints = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 1023, 1024, 1025})
@interface AtEverySize {}
