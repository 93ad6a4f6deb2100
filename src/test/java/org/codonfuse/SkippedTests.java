package org.codonfuse;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Prints at the end of the tests how many were skipped and why. */
public final class SkippedTests implements TestExecutionListener {
  private final Map<String, Long> countByReason = new ConcurrentSkipListMap<>();
  private TestPlan plan;

  @Override
  public void testPlanExecutionStarted(TestPlan testPlan) {
    plan = testPlan;
  }

  @Override
  public void executionSkipped(TestIdentifier identifier, String reason) {
    count(identifier, reason);
  }

  @Override
  public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      count(identifier, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
    }
  }

  @Override
  public void testPlanExecutionFinished(TestPlan testPlan) {
    System.out.println(); // Engines may leave an open line.
    countByReason.forEach(
        (reason, count) ->
            System.out.println(count + (count == 1 ? " test" : " tests") + " skipped: " + reason));
    countByReason.clear();
  }

  /** A container that is skipped takes its tests along, which are not reported one by one. */
  private void count(TestIdentifier identifier, String reason) {
    long tests =
        Stream.concat(Stream.of(identifier), plan.getDescendants(identifier).stream())
            .filter(each -> plan.getChildren(each).isEmpty())
            .count();
    countByReason.merge(reason.replaceFirst("^Assumption failed: ", ""), tests, Long::sum);
  }
}
