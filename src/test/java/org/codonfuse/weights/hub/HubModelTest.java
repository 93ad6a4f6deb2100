package org.codonfuse.weights.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubModelTest {
  @Test
  void anIdMayNameARevision() {
    assertEquals(Optional.of(new HubModel("a/b", "main")), HubModel.parse("a/b"));
    assertEquals(Optional.of(new HubModel("a/b.c-d_e", "v1.0")), HubModel.parse("a/b.c-d_e@v1.0"));
    assertEquals(Optional.of(new HubModel("a/b", "refs/pr/1")), HubModel.parse("a/b@refs/pr/1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "a/",
        "/b",
        "a/b/c",
        "../b",
        "a/..",
        "a/b..c",
        "a--b/c",
        "a/b@",
        "a/b@../x",
        "a/b@/x",
        "a/b@x/",
        "a/b@x//y",
        "a/b@x@y",
        "a b/c",
        "a/b\n",
        "-a/b",
        "a/b@.x"
      })
  void whatIsUnsafeAsANameOfAFileIsNoId(String id) {
    assertEquals(Optional.empty(), HubModel.parse(id));
  }

  @Test
  void onlyCommitsArePinned() {
    assertTrue(new HubModel("a/b", "0123456789abcdef0123456789abcdef01234567").pinned());
    assertFalse(new HubModel("a/b", "main").pinned());
    assertFalse(new HubModel("a/b", "0123456").pinned());
  }
}
