package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.codonfuse.TestBackends;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** What {@link RequiresTorch} says. */
final class TorchExtension implements ExecutionCondition, BeforeAllCallback, AfterAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(TorchExtension.class);

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return TestBackends.missing(TorchProvider.NAME)
        .map(ConditionEvaluationResult::disabled)
        .orElseGet(() -> ConditionEvaluationResult.enabled("LibTorch is available"));
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
