package org.codonfuse.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RanksTest {
  private static final Map<String, String> TORCHRUN =
      Map.of(
          "RANK", "3",
          "WORLD_SIZE", "4",
          "LOCAL_RANK", "1",
          "LOCAL_WORLD_SIZE", "2",
          "MASTER_ADDR", "gpu01",
          "MASTER_PORT", "29500");

  private static final Map<String, String> SLURM =
      Map.of(
          "SLURM_PROCID", "5",
          "SLURM_STEP_NUM_TASKS", "7",
          "SLURM_LOCALID", "1",
          "SLURM_NODEID", "2",
          "SLURM_STEP_TASKS_PER_NODE", "2(x3),1",
          "SLURM_STEP_NODELIST", "gpu[03-05,9]",
          "SLURM_JOB_ID", "4711",
          "SLURM_STEP_ID", "0");

  /** With variables in place of others; an empty one is not there. */
  private static Map<String, String> with(Map<String, String> variables, String... changes) {
    Map<String, String> changed = new HashMap<>(variables);
    for (String change : changes) {
      String[] pair = change.split("=", 2);
      changed.put(pair[0], pair[1]);
    }
    return changed;
  }

  private static Ranks ranks(Map<String, String> environment) {
    return Ranks.of(environment).orElseThrow();
  }

  @Test
  void oneProcessHasNoRanks() {
    assertEquals(Optional.empty(), Ranks.of(Map.of("HOME", "/root")));
    assertEquals(
        Optional.empty(),
        Ranks.of(with(TORCHRUN, "RANK=0", "WORLD_SIZE=1", "LOCAL_RANK=", "MASTER_ADDR=")));
    assertEquals(
        Optional.empty(), Ranks.of(with(SLURM, "SLURM_PROCID=0", "SLURM_STEP_NUM_TASKS=1")));
  }

  @Test
  void torchrunSaysWhoThisIs() {
    assertEquals(new Ranks(3, 4, 1, 2, "gpu01", 29_500, ""), ranks(TORCHRUN));
  }

  @Test
  void theAgentOfTorchrunKeepsItsPort() {
    Map<String, String> agent =
        with(TORCHRUN, "TORCHELASTIC_USE_AGENT_STORE=True", "TORCHELASTIC_RUN_ID=one");
    assertEquals(new Ranks(3, 4, 1, 2, "gpu01", 29_501, "one/0"), ranks(agent));
    assertEquals(7_000, ranks(with(agent, "CODONFUSE_PORT=7000")).port());
    assertNotEquals(ranks(agent).run(), ranks(with(agent, "TORCHELASTIC_RESTART_COUNT=1")).run());
  }

  @Test
  void aStepOfSlurmSaysWhoThisIs() {
    Ranks ranks = ranks(SLURM);
    assertEquals(new Ranks(5, 7, 1, 2, "gpu03", ranks.port(), "4711.0/0"), ranks);
    Ranks other = ranks(with(SLURM, "SLURM_STEP_ID=1"));
    assertNotEquals(ranks.port(), other.port());
    assertNotEquals(ranks.run(), other.run());
    assertEquals(29_500, ranks(with(SLURM, "MASTER_PORT=29500", "MASTER_ADDR=gpu09")).port());
  }

  /** What its batch script sees of a job is not what a step sees. */
  @Test
  void aBatchScriptIsOneProcess() {
    assertEquals(
        Optional.empty(),
        Ranks.of(Map.of("SLURM_PROCID", "0", "SLURM_NTASKS", "4", "SLURM_JOB_ID", "1")));
  }

  @Test
  void torchrunWinsOverTheStepItRunsIn() {
    assertEquals(
        4,
        ranks(
                with(
                    SLURM,
                    TORCHRUN.entrySet().stream().map(Object::toString).toArray(String[]::new)))
            .size());
    assertEquals(7, ranks(with(SLURM, "WORLD_SIZE=7")).size());
  }

  @ParameterizedTest
  @CsvSource({
    "gpu01, gpu01",
    "'gpu[03-05,9],x1', gpu03",
    "'x1,gpu[03-05]', x1",
    "'rack[1,3]-node[02-04]', rack1-node02",
    "'a[7]', a7"
  })
  void theFirstNodeIsThatOfRankZero(String list, String first) {
    assertEquals(first, SlurmRanks.firstNode(list));
  }

  @Test
  void tasksPerNodeAreRepeated() {
    assertEquals(List.of(2, 2, 2, 1), SlurmRanks.tasksPerNode("2(x3),1"));
    assertEquals(List.of(4), SlurmRanks.tasksPerNode("4"));
    CodonfuseException many =
        assertThrows(CodonfuseException.class, () -> SlurmRanks.tasksPerNode("9(x999999999),2"));
    assertTrue(many.getMessage().endsWith("names more than 100000 nodes."), many.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RANK=5 | RANK=5 is not from 0 to 3, as WORLD_SIZE=4 demands.",
        "RANK=-1 | RANK=-1 is not from 0 to 3, as WORLD_SIZE=4 demands.",
        "RANK=two | RANK=two is not a whole number.",
        "WORLD_SIZE=0 | WORLD_SIZE=0 is no number of processes.",
        "LOCAL_RANK=2 | LOCAL_RANK=2 is not from 0 to 1, as LOCAL_WORLD_SIZE=2 demands.",
        "LOCAL_WORLD_SIZE=5 | LOCAL_WORLD_SIZE=5 is more than WORLD_SIZE=4.",
        "MASTER_ADDR= | RANK is set but MASTER_ADDR is not; set all of them, or none to run in one"
            + " process.",
        "WORLD_SIZE= | RANK is set but WORLD_SIZE is not; set all of them, or none to run in one"
            + " process.",
        "RANK= | WORLD_SIZE is set but RANK is not; set all of them, or none to run in one"
            + " process.",
        "MASTER_PORT=70000 | MASTER_PORT=70000 is no port; choose one from 1024 to 65535."
      })
  void contradictionsAreNamed(String change, String message) {
    assertEquals(
        message,
        assertThrows(CodonfuseException.class, () -> Ranks.of(with(TORCHRUN, change)))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SLURM_STEP_TASKS_PER_NODE=2(y3) | SLURM_STEP_TASKS_PER_NODE=2(y3) is no list of numbers"
            + " such as 2(x3),1.",
        "SLURM_STEP_TASKS_PER_NODE=2(x3) | SLURM_STEP_TASKS_PER_NODE=2(x3) are not the"
            + " SLURM_STEP_NUM_TASKS=7.",
        "SLURM_STEP_NODELIST=gpu[03 | SLURM_STEP_NODELIST=gpu[03 is no list of nodes."
      })
  void contradictionsOfSlurmAreNamed(String change, String message) {
    assertEquals(
        message,
        assertThrows(CodonfuseException.class, () -> Ranks.of(with(SLURM, change))).getMessage());
  }
}
