package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.codonfuse.compute.Availability.Unavailable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** What {@link RequiresTorch} says. */
final class TorchExtension implements ExecutionCondition, BeforeAllCallback, AfterAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(TorchExtension.class);

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<Unavailable> refusal = TorchLibrary.refusal();
    if (refusal.isEmpty()) {
      return ConditionEvaluationResult.enabled("LibTorch is available");
    }
    String reason =
        "LibTorch is unavailable: " + refusal.get().cause() + "; " + refusal.get().remedy();
    if (Boolean.parseBoolean(System.getenv("CI"))) {
      throw new ExtensionConfigurationException(reason + " (required because CI=true)");
    }
    return ConditionEvaluationResult.disabled(reason);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getStore(NAMESPACE).put(context.getUniqueId(), TorchBackend.liveHandles());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    assertEquals(
        context.getStore(NAMESPACE).get(context.getUniqueId(), Long.class),
        TorchBackend.liveHandles(),
        "native tensors and optimisers left after " + context.getDisplayName());
  }
}
