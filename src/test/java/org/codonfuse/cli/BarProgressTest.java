package org.codonfuse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.codonfuse.io.Progress;
import org.junit.jupiter.api.Test;

class BarProgressTest {
  private static final int COLUMNS = 60;
  private final StringWriter terminal = new StringWriter();
  private final BarProgress progress = new BarProgress(new PrintWriter(terminal), COLUMNS);

  @Test
  void aBarIsRedrawnInPlaceAndLeavesItsLastStateOnALineOfItsOwn() {
    try (Progress.Task task = progress.start("Embedding", 40)) {
      task.step(10);
      task.message("loss 0.1");
      task.step(30);
    }
    List<String> drawn = drawn();
    assertTrue(terminal.toString().startsWith(Terminal.CLEAR_LINE));
    assertTrue(drawn.getLast().startsWith("Embedding 100%"), drawn.toString());
    assertTrue(drawn.getLast().contains("40/40"), drawn.toString());
    String newline = System.lineSeparator();
    assertEquals(
        terminal.toString().length() - newline.length(), terminal.toString().indexOf(newline));
  }

  @Test
  void aBarFitsTheTerminal() {
    try (Progress.Task task = progress.start("Embedding", 40)) {
      task.message("a remark that is far too long for this terminal, whose width is 60 columns");
      task.step(40);
    }
    assertTrue(drawn().stream().allMatch(text -> text.length() < COLUMNS), drawn().toString());
  }

  @Test
  void workOfUnknownLengthHasABarToo() {
    try (Progress.Task task = progress.start("Reading", 0)) {
      task.step(7);
    }
    assertTrue(drawn().getLast().contains("7/?"), drawn().toString());
  }

  private List<String> drawn() {
    String[] states = terminal.toString().split(Pattern.quote(Terminal.CLEAR_LINE), -1);
    assertEquals("", states[0]);
    return Arrays.stream(states).skip(1).map(String::stripTrailing).toList();
  }
}
