package org.codonfuse.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.codonfuse.CodonfuseException;

/**
 * The variables of a task that {@code srun} started; what a batch script sees of its job says
 * nothing of several processes.
 */
final class SlurmRanks {
  private static final int MOST_NODES = 100_000;

  private static final String SIZE = "SLURM_STEP_NUM_TASKS";
  private static final String TASKS = "SLURM_STEP_TASKS_PER_NODE";
  private static final String NODES = "SLURM_STEP_NODELIST";

  private static final Pattern REPEATED = Pattern.compile("(\\d{1,9})(?:\\(x(\\d{1,9})\\))?");

  /** Ports that systems do not give to programs that ask for any. */
  private static final int FIRST_PORT = 20_000;

  private static final int PORTS = 12_000;

  private SlurmRanks() {}

  static boolean isStep(Variables variables) {
    return variables.has(SIZE) && variables.has("SLURM_PROCID");
  }

  static Optional<Ranks> of(Variables variables) {
    int size = variables.count(SIZE, SIZE);
    int rank = variables.below(size, "SLURM_PROCID", SIZE, SIZE);
    if (size == 1) {
      return Optional.empty();
    }
    int localSize = localSize(variables, size);
    return Optional.of(
        new Ranks(
            rank,
            size,
            variables.below(localSize, "SLURM_LOCALID", TASKS, SIZE),
            localSize,
            variables.find("MASTER_ADDR").orElseGet(() -> firstNode(variables.text(NODES, SIZE))),
            variables
                .port(Ranks.PORT)
                .or(() -> variables.port("MASTER_PORT"))
                .orElseGet(() -> port(variables)),
            variables
                .find(Ranks.RUN)
                .orElseGet(
                    () ->
                        "%s.%s/%s"
                            .formatted(
                                variables.find("SLURM_JOB_ID").orElse(""),
                                variables.find("SLURM_STEP_ID").orElse(""),
                                variables.find("SLURM_RESTART_COUNT").orElse("0")))));
  }

  private static int localSize(Variables variables, int size) {
    String text = variables.text(TASKS, SIZE);
    List<Integer> counts = tasksPerNode(text);
    long total = counts.stream().mapToLong(Integer::longValue).sum();
    if (total != size) {
      throw new CodonfuseException("%s=%s are not the %s=%d.".formatted(TASKS, text, SIZE, size));
    }
    return counts.get(variables.below(counts.size(), "SLURM_NODEID", "nodes", SIZE));
  }

  /** Reads a notation such as {@code 2(x3),1}. */
  static List<Integer> tasksPerNode(String text) {
    List<Integer> counts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher matcher = REPEATED.matcher(part);
      if (!matcher.matches()) {
        throw new CodonfuseException(
            TASKS + "=" + text + " is no list of numbers such as 2(x3),1.");
      }
      int times = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
      if (times > MOST_NODES) {
        throw new CodonfuseException(
            TASKS + "=" + text + " names more than " + MOST_NODES + " nodes.");
      }
      for (int i = 0; i < times; i++) {
        counts.add(Integer.parseInt(matcher.group(1)));
      }
    }
    return counts;
  }

  /** The first of the nodes of a notation such as {@code gpu[03-05,9],x1}. */
  static String firstNode(String list) {
    StringBuilder node = new StringBuilder();
    int i = 0;
    while (i < list.length() && list.charAt(i) != ',') {
      if (list.charAt(i) != '[') {
        node.append(list.charAt(i++));
        continue;
      }
      int end = list.indexOf(']', i);
      if (end < 0) {
        throw new CodonfuseException(NODES + "=" + list + " is no list of nodes.");
      }
      node.append(list.substring(i + 1, end).split("[-,]", 2)[0]);
      i = end + 1;
    }
    if (node.toString().isBlank()) {
      throw new CodonfuseException(NODES + "=" + list + " is no list of nodes.");
    }
    return node.toString();
  }

  /** Another one for every step; every process of a step finds the same. */
  private static int port(Variables variables) {
    int job = variables.find("SLURM_JOB_ID").map(String::hashCode).orElse(0);
    int step = variables.find("SLURM_STEP_ID").map(String::hashCode).orElse(0);
    return FIRST_PORT + Math.floorMod(job * 31 + step, PORTS);
  }
}
