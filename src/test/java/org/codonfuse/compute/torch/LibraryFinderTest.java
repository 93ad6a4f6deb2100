package org.codonfuse.compute.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.codonfuse.compute.Availability.Unavailable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryFinderTest {
  @TempDir private Path folder;

  private Path jar;

  @BeforeEach
  void install() throws IOException {
    jar = Files.createDirectories(folder.resolve("app/lib")).resolve("codonfuse.jar");
  }

  @Test
  void thePropertyComesBeforeTheVariableAndTheApplicationsFolder() throws Exception {
    Path property = library("property");
    Path variable = library("variable");
    library("app/lib/native");
    assertEquals(property, finder(property.toString(), variable.toString()).find());
    assertEquals(property, finder(property.getParent().toString(), null).find());
    assertEquals(variable, finder(null, variable.getParent().toString()).find());
  }

  @Test
  void theFolderOfTheJarComesBeforeTheOneAboveIt() throws Exception {
    Path above = library("app/native");
    assertEquals(above, finder(null, null).find());
    Path beside = library("app/lib/native");
    assertEquals(beside, finder(null, null).find());
  }

  @Test
  void aNamedPlaceWithoutTheLibraryIsNotPassedOver() throws Exception {
    library("app/native");
    Unavailable reason = refusal(finder(folder.resolve("absent").toString(), null));
    assertTrue(reason.cause().contains(folder.resolve("absent").toString()), reason.cause());
    assertTrue(reason.cause().contains("property codonfuse.native"), reason.cause());
    assertTrue(reason.remedy().contains("mvn package"), reason.remedy());

    reason = refusal(finder(null, folder.toString()));
    assertTrue(reason.cause().contains("no libcodonfuse.so"), reason.cause());
    assertTrue(reason.cause().contains("variable CODONFUSE_NATIVE"), reason.cause());
  }

  @Test
  void whatTheBuildNotedIsQuoted() throws IOException {
    Path target = Files.createDirectories(folder.resolve("app/native"));
    Files.writeString(target.resolve("UNAVAILABLE"), "no C++ compiler was found.\n");
    for (LibraryFinder finder :
        new LibraryFinder[] {finder(null, null), finder(target.toString(), null)}) {
      Unavailable reason = refusal(finder);
      assertEquals("the native library was not built: no C++ compiler was found", reason.cause());
    }
  }

  @Test
  void theSearchedFoldersAreNamed() {
    String cause = refusal(finder(null, null)).cause();
    assertTrue(cause.contains(folder.resolve("app/lib/native").toString()), cause);
    assertTrue(cause.contains(folder.resolve("app/native").toString()), cause);
  }

  private LibraryFinder finder(String property, String variable) {
    return new LibraryFinder(
        Optional.ofNullable(property), Optional.ofNullable(variable), Optional.of(jar));
  }

  private Path library(String place) throws IOException {
    return Files.createFile(
        Files.createDirectories(folder.resolve(place)).resolve("libcodonfuse.so"));
  }

  private static Unavailable refusal(LibraryFinder finder) {
    return assertThrows(Refusal.class, finder::find).reason();
  }
}
