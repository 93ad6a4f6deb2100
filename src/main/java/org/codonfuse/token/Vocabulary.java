package org.codonfuse.token;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.codonfuse.CodonfuseException;
import org.codonfuse.io.AtomicFiles;

/** The tokens of a model by id, which is their line in {@code vocab.txt} from 0. Immutable. */
public final class Vocabulary {
  private final Path source;
  private final List<String> tokens;
  private final Map<String, Integer> ids;

  private Vocabulary(Path source, List<String> tokens, Map<String, Integer> ids) {
    this.source = source;
    this.tokens = tokens;
    this.ids = ids;
  }

  /**
   * Reads one token per line; blank lines at the end do not count.
   *
   * @throws CodonfuseException if the file cannot be read, has no token, or a line is blank or a
   *     token again
   */
  public static Vocabulary read(Path path) {
    try {
      return of(
          path, Files.readString(path, StandardCharsets.UTF_8).stripTrailing().lines().toList());
    } catch (CharacterCodingException e) {
      throw new CodonfuseException(
          path + ": is not text in UTF-8; get the vocabulary of the model again.", e);
    } catch (IOException e) {
      throw new CodonfuseException(
          path
              + ": the vocabulary cannot be read ("
              + AtomicFiles.reason(e)
              + "); give a model directory that has a readable vocab.txt.",
          e);
    }
  }

  /**
   * A vocabulary that is not read from a file.
   *
   * @param source what messages call it
   * @param lines the tokens by id
   * @throws CodonfuseException if there is no token, or one is blank or there twice
   */
  public static Vocabulary of(Path source, List<String> lines) {
    Map<String, Integer> ids = new HashMap<>();
    List<String> tokens = lines.stream().map(String::strip).toList();
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      Integer other = ids.putIfAbsent(token, id);
      if (token.isEmpty() || other != null) {
        throw new CodonfuseException(
            source
                + ":"
                + (id + 1)
                + ": "
                + (token.isEmpty()
                    ? "a token is missing"
                    : "the token '" + token + "' is that of line " + (other + 1) + " too")
                + "; get the vocabulary of the model again.");
      }
    }
    if (tokens.isEmpty()) {
      throw new CodonfuseException(source + ": is empty; get the vocabulary of the model again.");
    }
    return new Vocabulary(source, tokens, ids);
  }

  /** The file, for messages. */
  public Path source() {
    return source;
  }

  /** The number of tokens. */
  public int size() {
    return tokens.size();
  }

  /** The id of a token. */
  public OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * The token with an id.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  public String token(int id) {
    return tokens.get(id);
  }

  /** All tokens, by id. */
  public List<String> tokens() {
    return tokens;
  }

  boolean contains(String token) {
    return ids.containsKey(token);
  }

  /**
   * @throws CodonfuseException if there is no such token
   */
  int require(String token) {
    Integer id = ids.get(token);
    if (id == null) {
      throw new CodonfuseException(
          source + ": has no token " + token + "; give the vocab.txt that belongs to the model.");
    }
    return id;
  }
}
