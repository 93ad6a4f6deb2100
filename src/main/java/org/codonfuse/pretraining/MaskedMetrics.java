package org.codonfuse.pretraining;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How well masked tokens of some sequences are told.
 *
 * @param sequences number of sequences
 * @param tokens number of tokens in question
 * @param loss mean negative log-likelihood of these
 * @param accuracy share of them that the model finds likeliest
 * @param unigramLoss the same loss of {@link Unigrams} of the training split
 */
public record MaskedMetrics(
    int sequences, long tokens, double loss, double accuracy, double unigramLoss) {
  /** The exponential of the loss: among how many equally likely tokens the model wavers. */
  public double perplexity() {
    return Math.exp(loss);
  }

  /** The same of the frequencies of tokens alone. */
  public double unigramPerplexity() {
    return Math.exp(unigramLoss);
  }

  /** As in {@code metrics.json}. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("sequences", sequences);
    map.put("masked_tokens", tokens);
    map.put("loss", loss);
    map.put("perplexity", perplexity());
    map.put("accuracy", accuracy);
    map.put("unigram_perplexity", unigramPerplexity());
    return map;
  }
}
