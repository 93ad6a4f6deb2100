package org.codonfuse.sequence;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The set of a sequence's k-mers and its MinHash signature (Broder 1997): the share of equal
 * entries in two signatures estimates the Jaccard index of the sets.
 */
final class KmerSketch {
  /** Nucleotides of a k-mer; a shorter sequence is its own only one. */
  static final int LENGTH = 10;

  /** Entries of a signature. */
  static final int ENTRIES = 256;

  private static final int BITS = 4;
  private static final long MASK = (1L << (BITS * LENGTH)) - 1;
  private static final int[] XOR = new int[ENTRIES];
  private static final int[] FACTOR = new int[ENTRIES];

  static {
    // Fixed: what is similar must not depend on a seed.
    SplittableRandom random = new SplittableRandom(2025);
    for (int i = 0; i < ENTRIES; i++) {
      XOR[i] = random.nextInt();
      FACTOR[i] = random.nextInt() | 1;
    }
  }

  /** Hashes of the distinct k-mers, ascending. */
  private final int[] kmers;

  private final int[] signature;

  KmerSketch(String rna) {
    this.kmers = kmers(rna);
    this.signature = signature(kmers);
  }

  private static int[] kmers(String rna) {
    int[] hashes = new int[Math.max(1, rna.length() - LENGTH + 1)];
    long code = 0;
    for (int i = 0; i < rna.length(); i++) {
      code = (code << BITS | Nucleotides.bases(rna.charAt(i))) & MASK;
      if (i >= LENGTH - 1 || i == rna.length() - 1) {
        hashes[Math.max(0, i - LENGTH + 1)] = mixed(code);
      }
    }
    return Arrays.stream(hashes).sorted().distinct().toArray();
  }

  /** The finaliser of SplitMix64. */
  private static int mixed(long code) {
    long z = code + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return (int) (z ^ (z >>> 31));
  }

  private static int[] signature(int[] kmers) {
    int[] smallest = new int[ENTRIES];
    Arrays.fill(smallest, Integer.MAX_VALUE);
    for (int hash : kmers) {
      for (int i = 0; i < ENTRIES; i++) {
        smallest[i] = Math.min(smallest[i], (hash ^ XOR[i]) * FACTOR[i]);
      }
    }
    return smallest;
  }

  /** A hash of some entries of the signature. */
  int band(int from, int entries) {
    int hash = from;
    for (int i = from; i < from + entries; i++) {
      hash = 31 * hash + mixed(signature[i]);
    }
    return hash;
  }

  /**
   * The estimate of {@link #similarity}, with a standard deviation of √(s(1 − s)/{@link #ENTRIES}).
   */
  double estimate(KmerSketch other) {
    int equal = 0;
    for (int i = 0; i < ENTRIES; i++) {
      equal += signature[i] == other.signature[i] ? 1 : 0;
    }
    return (double) equal / ENTRIES;
  }

  /** The Jaccard index of the k-mers: those in both over those in either. */
  double similarity(KmerSketch other) {
    int[] a = kmers;
    int[] b = other.kmers;
    int both = 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      int x = a[i];
      int y = b[j];
      both += x == y ? 1 : 0;
      i += x <= y ? 1 : 0;
      j += y <= x ? 1 : 0;
    }
    return (double) both / (a.length + b.length - both);
  }
}
