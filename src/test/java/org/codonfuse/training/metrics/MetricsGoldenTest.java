package org.codonfuse.training.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class MetricsGoldenTest {
  private static final double TOLERANCE = 1e-9;
  private static final Set<String> INPUTS = Set.of("kind", "prediction", "target", "logits");

  @TestFactory
  Stream<DynamicTest> equalsTheReference() throws Exception {
    JsonNode cases = new ObjectMapper().readTree(golden().resolve("metrics.json").toFile());
    assertTrue(cases.size() > 0, "no cases");
    return IntStream.range(0, cases.size())
        .mapToObj(
            i ->
                DynamicTest.dynamicTest(
                    "case %d: %s".formatted(i, cases.get(i).get("kind").asText()),
                    () -> check(cases.get(i))));
  }

  private static void check(JsonNode golden) throws IOException {
    Map<String, Object> actual = report(golden).toMap();
    int checked = 0;
    for (Map.Entry<String, JsonNode> value : golden.properties()) {
      if (!INPUTS.contains(value.getKey())) {
        Object figure = actual.get(value.getKey());
        assertNotNull(figure, value.getKey());
        assertEquals(
            value.getValue().asDouble(),
            ((Number) figure).doubleValue(),
            TOLERANCE,
            value.getKey());
        checked++;
      }
    }
    assertTrue(checked > 0, "no expected values");
  }

  private static MetricReport report(JsonNode golden) {
    String kind = golden.get("kind").asText();
    return switch (kind) {
      case "regression" ->
          MetricReport.regression(
              doubles(golden.get("target")), doubles(golden.get("prediction")), 1);
      case "classification" ->
          MetricReport.classification(
              StreamSupport.stream(golden.get("target").spliterator(), false)
                  .mapToInt(JsonNode::asInt)
                  .toArray(),
              StreamSupport.stream(golden.get("logits").spliterator(), false)
                  .map(MetricsGoldenTest::doubles)
                  .toArray(double[][]::new),
              1);
      default -> throw new AssertionError("Unknown kind " + kind);
    };
  }

  private static double[] doubles(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static Path golden() throws URISyntaxException {
    String folder = System.getProperty("codonfuse.golden", "");
    // Surefire passes the expression itself on where the property is not set.
    if (!folder.isEmpty() && !folder.startsWith("${")) {
      return Path.of(folder);
    }
    URL resource = MetricsGoldenTest.class.getResource("/golden");
    assertNotNull(resource, "test resources /golden");
    return Path.of(resource.toURI());
  }
}
