package org.codonfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.codonfuse.compute.torch.TorchBackend;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A test that takes the name of a backend, run for all of them, see {@link TestBackends}.
 * Afterwards no native tensor may be left.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0}")
@MethodSource("org.codonfuse.TestBackends#names")
@ExtendWith(OnEveryBackend.LeakCheck.class)
public @interface OnEveryBackend {
  /** Compares the native handles before and after a test. */
  final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(LeakCheck.class);

    @Override
    public void beforeEach(ExtensionContext context) {
      context.getStore(NAMESPACE).put(LeakCheck.class, TorchBackend.liveHandles());
    }

    @Override
    public void afterEach(ExtensionContext context) {
      assertEquals(
          context.getStore(NAMESPACE).get(LeakCheck.class, Long.class),
          TorchBackend.liveHandles(),
          "native tensors left after " + context.getDisplayName());
    }
  }
}
