package org.codonfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpellingTest {
  @Test
  void editsAreCounted() {
    assertEquals(0, Spelling.edits("mil", "mil"));
    assertEquals(1, Spelling.edits("fusoins", "fusions"));
    assertEquals(3, Spelling.edits("", "rna"));
    assertEquals(3, Spelling.edits("kitten", "sitting"));
  }

  @Test
  void onlyWhatIsNearIsSuggested() {
    List<String> known = List.of("learning_rate", "epochs", "mil");

    assertEquals(Optional.of("learning_rate"), Spelling.nearest("learningrate", known));
    assertEquals(Optional.of("mil"), Spelling.nearest("mill", known));
    assertEquals(Optional.empty(), Spelling.nearest("batch", known));
  }
}
