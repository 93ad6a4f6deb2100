package org.codonfuse.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.codonfuse.experiment.RowPlan.EncoderPlan;
import org.codonfuse.sequence.Molecule;
import org.codonfuse.training.run.StreamInput;

/**
 * Reads the encoders of an experiment: models of molecules, or several such sets by name.
 *
 * @param folder of the file, which paths in it start from
 * @param overrides take the place of all models of their molecules
 * @param known throws a usage exception for what is the name of no model
 */
record EncoderReader(Path folder, List<EncoderPlan> overrides, Consumer<String> known) {
  private static final List<String> MOLECULES =
      Stream.of(Molecule.values()).map(Molecule::label).toList();

  /** The encoders by the name of the set, which is empty if there is only one. */
  SequencedMap<String, List<EncoderPlan>> sets(YamlMap top) {
    SequencedMap<String, List<EncoderPlan>> sets = new LinkedHashMap<>();
    Optional<YamlValue> given = top.get("encoders");
    if (given.isEmpty()) {
      if (overrides.isEmpty()) {
        throw top.place().wrong("'encoders' is missing; name models of dna, rna and protein.");
      }
      sets.put("", overrides);
      return sets;
    }
    YamlMap map = given.get().map();
    boolean single =
        map.values().keySet().stream().anyMatch(MOLECULES::contains)
            || map.values().values().stream().noneMatch(YamlValue::isMap);
    if (single) {
      sets.put("", set(map));
    } else {
      map.values().forEach((name, value) -> sets.put(name, set(value.map())));
    }
    return sets;
  }

  private List<EncoderPlan> set(YamlMap map) {
    map.only("encoders", MOLECULES);
    List<EncoderPlan> encoders = new ArrayList<>();
    for (Molecule molecule : Molecule.values()) {
      List<EncoderPlan> given = overrides.stream().filter(e -> e.molecule() == molecule).toList();
      Optional<YamlValue> value = map.get(molecule.label());
      if (value.isPresent()) {
        encoders.addAll(given.isEmpty() ? ofMolecule(molecule, value.get()) : given);
      }
    }
    PlanReader.checked(
        map.place(),
        () ->
            StreamInput.ordered(
                encoders.stream()
                    .map(e -> new StreamInput(e.name(), e.molecule(), Path.of(e.model())))
                    .toList()));
    return encoders;
  }

  /** One model, a list of them, or a map of names of streams. */
  private List<EncoderPlan> ofMolecule(Molecule molecule, YamlValue value) {
    List<EncoderPlan> encoders = new ArrayList<>();
    if (value.isMap()) {
      value.map().values().forEach((name, model) -> encoders.add(encoder(name, molecule, model)));
      return encoders;
    }
    for (YamlValue model : value.listOrOne()) {
      String number = encoders.isEmpty() ? "" : String.valueOf(encoders.size() + 1);
      encoders.add(encoder(molecule.label() + number, molecule, model));
    }
    return encoders;
  }

  private EncoderPlan encoder(String name, Molecule molecule, YamlValue model) {
    String text = model.text();
    Path near = model.path(folder);
    String found = Files.isDirectory(near) ? near.toString() : text;
    PlanReader.checked(model, () -> new StreamInput(name, molecule, Path.of(found)));
    PlanReader.checked(model, () -> known.accept(found));
    return new EncoderPlan(name, molecule, found);
  }
}
