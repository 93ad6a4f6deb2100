package org.codonfuse.encoder;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What tensors outside the encoder are named in Hugging Face's ESM or MultiMolecule's layout. */
final class HeadNames {
  private static final Pattern FAIRSEQ =
      Pattern.compile("^(?:encoder\\.){1,2}(?=lm_head|contact_head)");
  private static final String SCORES = "lm_head.";
  private static final String CONTACTS = "contact_head.";

  private HeadNames() {}

  /**
   * Whether a file has fairseq's layout.
   *
   * @param names in the file by those of {@link EncoderParameters}
   */
  static boolean isFairseq(Map<String, String> names) {
    return names.get(EncoderParameters.TOKENS).endsWith("embed_tokens.weight");
  }

  /**
   * The name to write a head's tensor by; those of the other layouts keep theirs.
   *
   * @param fairseq whether the file has fairseq's layout
   * @return empty for what only fairseq needs
   */
  static Optional<String> published(EncoderConfig config, boolean fairseq, String stored) {
    if (stored.endsWith("embed_positions._float_tensor")) {
      return Optional.empty();
    }
    return Optional.of(
        fairseq
            ? published(
                config.modelType().equals("rnafm"), FAIRSEQ.matcher(stored).replaceFirst(""))
            : stored);
  }

  private static String published(boolean multiMolecule, String name) {
    if (name.startsWith(CONTACTS)) {
      return (multiMolecule ? "model." : "esm.") + name;
    }
    if (!name.startsWith(SCORES)) {
      return name;
    }
    if (name.equals("lm_head.weight")) {
      return SCORES + "decoder.weight";
    }
    String part = name.substring(SCORES.length());
    return multiMolecule && !part.equals("bias") ? SCORES + "transform." + part : name;
  }
}
