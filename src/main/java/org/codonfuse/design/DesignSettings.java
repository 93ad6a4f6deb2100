package org.codonfuse.design;

/**
 * How a design is searched for.
 *
 * @param maximise whether the prediction is to be high, otherwise low
 * @param beam how many sequences are kept from round to round
 * @param candidates how many are predicted for in a round
 * @param rounds after the first look at all single changes; fewer where nothing improves any more
 * @param minGain changes that contribute no more than this to the prediction are taken back
 */
public record DesignSettings(
    boolean maximise, int beam, int candidates, int rounds, double minGain) {
  /** Rounds without improvement after which the search ends. */
  static final int PATIENCE = 2;
}
