package org.codonfuse.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.codonfuse.lora.LoraSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Estimates beside what {@code bench finetune} measured on a computer with two cores. */
class ActivationSizeTest {
  private static final long MIB = 1L << 20;

  /** Java's own memory and the program's code grow, too. */
  private static final long PROGRAM = 16 * MIB;

  private static Tuning tuning(String name) {
    return switch (name) {
      case "query-value" -> lora(0, "query", "value");
      case "dropout" -> lora(0.1, "query", "value");
      case "all-linear" -> lora(0.1, "all-linear");
      default -> new Tuning.Full(0);
    };
  }

  private static Tuning lora(double dropout, String... targets) {
    return new Tuning.Lora(new LoraSettings(8, 16, dropout, false, List.of(targets)), 0);
  }

  private static EncoderConfig config(String preset) {
    return EncoderPreset.find(preset).orElseThrow().config();
  }

  /** Hardly below, where a training could be killed, and not far above. */
  @ParameterizedTest
  @CsvSource({
    "esm2-8m,query-value,1024,false,208",
    "esm2-8m,query-value,1024,true,116",
    "esm2-8m,query-value,4096,false,646",
    "esm2-8m,query-value,4096,true,315",
    "esm2-8m,dropout,4096,false,728",
    "esm2-8m,all-linear,4096,false,1238",
    "esm2-8m,all-linear,4096,true,493",
    "esm2-8m,full,4096,false,795",
    "esm2-8m,full,4096,true,324",
    "rna-fm,query-value,1024,false,1218",
    "rna-fm,query-value,1024,true,631",
    "nucleotide-transformer-v2-50m,query-value,1024,false,890",
    "nucleotide-transformer-v2-50m,query-value,1024,true,361",
    "rna-fm,query-value,2048,false,1694",
    "nucleotide-transformer-v2-50m,all-linear,1024,false,1328"
  })
  void isAboutWhatWasMeasured(
      String preset, String tuned, long tokens, boolean checkpoints, long measured) {
    EncoderConfig config = config(preset);
    Tuning tuning = tuning(tuned);
    long estimate = ActivationSize.bytes(config, tuning, tokens, checkpoints, true) + PROGRAM;
    if (tuning instanceof Tuning.Full) {
      // Gradients and moments; the values were there before the first step.
      estimate += 3 * Float.BYTES * EncoderPreset.find(preset).orElseThrow().parameters();
    }
    double ratio = estimate / (double) (measured * MIB);
    assertTrue(ratio > 0.9 && ratio < 1.3, "%d MiB, ratio %.2f".formatted(estimate / MIB, ratio));
  }

  /** Activations grow with tokens; frozen layers have none. */
  @Test
  void isOfWhatLearnsAlone() {
    EncoderConfig config = config("rna-fm");
    Tuning upper = new Tuning.Lora(new LoraSettings(8, 16, 0, false, List.of("query")), 6);
    Tuning all = new Tuning.Lora(new LoraSettings(8, 16, 0, false, List.of("query")), 0);
    long none = ActivationSize.bytes(config, all, 0, false, true);
    assertEquals(2 * ActivationSize.bytes(config, upper, 0, false, true), none);
    assertEquals(0, ActivationSize.bytes(config, all, 0, false, false));
    assertTrue(
        ActivationSize.bytes(config, upper, 1000, false, true)
            < ActivationSize.bytes(config, all, 1000, false, true));
    assertEquals(
        2 * ActivationSize.bytes(config, all, 1000, true, false),
        ActivationSize.bytes(config, all, 2000, true, false));
  }
}
