package org.codonfuse.sequence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimilarSequencesTest {
  private static String random(SplittableRandom random, int length) {
    StringBuilder rna = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      rna.append("ACGU".charAt(random.nextInt(4)));
    }
    return rna.toString();
  }

  private static String mutated(SplittableRandom random, String rna, int substitutions) {
    StringBuilder mutated = new StringBuilder(rna);
    for (int i = 0; i < substitutions; i++) {
      int at = random.nextInt(rna.length());
      mutated.setCharAt(at, "ACGU".charAt(("ACGU".indexOf(mutated.charAt(at)) + 1) % 4));
    }
    return mutated.toString();
  }

  private static double jaccard(String a, String b) {
    Set<String> first = kmers(a);
    Set<String> both = kmers(b);
    int sizes = first.size() + both.size();
    both.retainAll(first);
    return (double) both.size() / (sizes - both.size());
  }

  private static Set<String> kmers(String rna) {
    Set<String> kmers = new HashSet<>();
    for (int i = 0; i + 10 <= rna.length(); i++) {
      kmers.add(rna.substring(i, i + 10));
    }
    return kmers;
  }

  @Property(tries = 100)
  void similarityIsTheShareOfCommonKmers(
      @ForAll long seed, @ForAll @IntRange(min = 10, max = 300) int length) {
    SplittableRandom random = new SplittableRandom(seed);
    String a = random(random, length);
    String b = mutated(random, a, 1 + length / 60);
    double similarity = new KmerSketch(a).similarity(new KmerSketch(b));

    assertEquals(jaccard(a, b), similarity, 1e-12);
    assertEquals(similarity, new KmerSketch(b).similarity(new KmerSketch(a)));
    assertEquals(1, new KmerSketch(a).similarity(new KmerSketch(a)));
    assertEquals(similarity, new KmerSketch(a).estimate(new KmerSketch(b)), 0.2);
  }

  @Property(tries = 20)
  void groupsAreThoseOfAllPairs(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> sequences = new ArrayList<>();
    for (int family = 0; family < 15; family++) {
      String ancestor = random(random, random.nextInt(30, 400));
      for (int i = random.nextInt(6); i >= 0; i--) {
        sequences.add(mutated(random, ancestor, random.nextInt(1 + ancestor.length() / 15)));
      }
    }

    assertArrayEquals(
        groupsOfAllPairs(sequences, 0.5), new SimilarSequences(sequences, 0.5).groups());
  }

  private static int[] groupsOfAllPairs(List<String> sequences, double limit) {
    int[] groups = IntStream.range(0, sequences.size()).toArray();
    for (int i = 0; i < groups.length; i++) {
      for (int j = 0; j < i; j++) {
        int from = Math.max(groups[i], groups[j]);
        int to = Math.min(groups[i], groups[j]);
        if (from != to && jaccard(sequences.get(i), sequences.get(j)) >= limit) {
          IntStream.range(0, groups.length)
              .filter(row -> groups[row] == from)
              .forEach(row -> groups[row] = to);
        }
      }
    }
    List<Integer> first = IntStream.of(groups).boxed().distinct().toList();
    return IntStream.of(groups).map(first::indexOf).toArray();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.3, 0.5, 0.8, 0.95, 1})
  void plantedNearDuplicatesAreFoundAtEveryLimit(double limit) {
    SplittableRandom random = new SplittableRandom(1);
    List<String> sequences = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String sequence = random(random, 600);
      sequences.add(sequence);
      int substitutions = (int) ((1 - limit) * 15);
      sequences.add(mutated(random, sequence, substitutions));
    }
    SimilarSequences similar = new SimilarSequences(sequences, limit);
    int[] groups = similar.groups();

    for (int i = 0; i < 200; i += 2) {
      double expected = jaccard(sequences.get(i), sequences.get(i + 1));
      assertTrue(expected >= limit, "planted well: " + expected);
      assertEquals(groups[i], groups[i + 1]);
      assertEquals(
          Optional.of(new SimilarSequences.Pair(i, i + 1, expected)),
          similar.nearest(i, _ -> true));
      assertEquals(Optional.empty(), similar.nearest(i, row -> row > 199));
      assertTrue(i == 0 || groups[i] != groups[i - 1], "unrelated ones are not grouped");
    }
  }

  @Test
  void theFirstOfEquallyNearOnesIsTheNearest() {
    String rna = random(new SplittableRandom(1), 60);
    SimilarSequences similar = new SimilarSequences(List.of(rna, "AUGAUG", rna, rna), 0.5);

    assertEquals(new SimilarSequences.Pair(3, 0, 1), similar.nearest(3, _ -> true).orElseThrow());
    assertEquals(new SimilarSequences.Pair(0, 2, 1), similar.nearest(0, _ -> true).orElseThrow());
    assertArrayEquals(new int[] {0, 1, 0, 0}, similar.groups());
  }

  @Test
  void sequencesShorterThanAKmerAreSimilarWhereTheyAreEqual() {
    List<String> sequences = List.of("AUGAUG", "AUGAUC", "AUGAUG", "AUG", "GAUG");
    assertArrayEquals(new int[] {0, 1, 0, 2, 3}, new SimilarSequences(sequences, 0.1).groups());
  }

  @Test
  void chainsAreOneGroup() {
    SplittableRandom random = new SplittableRandom(3);
    List<String> chain = new ArrayList<>(List.of(random(random, 300)));
    for (int i = 1; i < 12; i++) {
      chain.add(mutated(random, chain.getLast(), 5));
    }

    assertTrue(jaccard(chain.getFirst(), chain.getLast()) < 0.2);
    assertArrayEquals(new int[12], new SimilarSequences(chain, 0.5).groups());
    assertNotEquals(0, IntStream.of(new SimilarSequences(chain, 0.9).groups()).sum());
  }
}
