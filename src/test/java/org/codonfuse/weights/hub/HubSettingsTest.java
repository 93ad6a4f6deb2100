package org.codonfuse.weights.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.codonfuse.CodonfuseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubSettingsTest {
  @TempDir private Path home;

  @Test
  void nothingSetIsThePublicHubAndTheCacheInTheHomeDirectory() {
    HubSettings settings = of(Map.of());
    assertEquals(URI.create("https://huggingface.co"), settings.endpoint());
    assertEquals(home.resolve(".cache/huggingface/hub"), settings.cache());
    assertEquals(Optional.empty(), settings.token());
    assertFalse(settings.offline());
  }

  @Test
  void theNarrowestVariableSaysWhereTheCacheIs() {
    assertEquals(Path.of("/x/huggingface/hub"), of(Map.of("XDG_CACHE_HOME", "/x")).cache());
    assertEquals(Path.of("/h/hub"), of(Map.of("XDG_CACHE_HOME", "/x", "HF_HOME", "/h")).cache());
    assertEquals(Path.of("/c"), of(Map.of("HF_HOME", "/h", "HF_HUB_CACHE", "/c")).cache());
    assertEquals(home.resolve("h/hub"), of(Map.of("HF_HOME", "~/h")).cache());
    assertEquals(home.resolve(".cache/huggingface/hub"), of(Map.of("HF_HOME", " ")).cache());
  }

  @Test
  void theTokenIsTheVariableOrElseTheFile() throws IOException {
    Files.writeString(home.resolve("token"), "from-file\n");
    Map<String, String> file = Map.of("HF_HOME", home.toString());
    assertEquals(Optional.of("from-file"), of(file).token());
    assertEquals(
        Optional.of("from-variable"),
        of(Map.of("HF_HOME", home.toString(), "HF_TOKEN", "from-variable")).token());
    assertFalse(of(file).toString().contains("from-file"));
  }

  @ParameterizedTest
  @CsvSource({"1,true", "true,true", "YES,true", "on,true", "0,false", "no,false", "'',false"})
  void offlineIsWhatPythonTakesForYes(String value, boolean offline) {
    assertEquals(offline, of(Map.of("HF_HUB_OFFLINE", value)).offline());
  }

  @ParameterizedTest
  @ValueSource(strings = {"huggingface.co", "ftp://x", "https://", "http://a b", "http://u:p@x"})
  void anEndpointThatIsNoAddressIsRefused(String endpoint) {
    String message =
        assertThrows(CodonfuseException.class, () -> of(Map.of("HF_ENDPOINT", endpoint)))
            .getMessage();
    assertTrue(message.startsWith("HF_ENDPOINT '" + endpoint + "'"), message);
  }

  @Test
  void theSlashAtTheEndOfAnEndpointDoesNotMatter() {
    assertEquals(
        URI.create("http://mirror:80/hf"),
        of(Map.of("HF_ENDPOINT", "http://mirror:80/hf/")).endpoint());
  }

  @Test
  void aTokenThatNoHeaderCanHoldIsRefusedWithoutShowingIt() {
    String message =
        assertThrows(CodonfuseException.class, () -> of(Map.of("HF_TOKEN", "hf_a\nb")))
            .getMessage();
    assertFalse(message.contains("hf_a"), message);
  }

  private HubSettings of(Map<String, String> environment) {
    return HubSettings.of(environment, home);
  }
}
