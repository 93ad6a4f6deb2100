package org.codonfuse.weights.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A revision of a repository.
 *
 * @param repository {@code organisation/name}
 * @param revision a branch, a tag or a commit
 */
public record HubModel(String repository, String revision) {
  /** The revision where none is given. */
  public static final String MAIN = "main";

  private static final String NAME = "\\w[\\w.-]*";
  private static final Pattern REPOSITORY = Pattern.compile(NAME + "/" + NAME);
  private static final Pattern REVISION = Pattern.compile("\\w[\\w.-]*(?:/" + NAME + ")*");
  private static final Pattern ID = Pattern.compile("([^@]+)(?:@(.+))?");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final int LONGEST = 200;

  /** Checks that both are safe as names of files. */
  public HubModel {
    if (!isName(REPOSITORY, repository) || repository.contains("--")) {
      throw new IllegalArgumentException("No repository: " + repository);
    }
    if (!isName(REVISION, revision)) {
      throw new IllegalArgumentException("No revision: " + revision);
    }
  }

  /** The model that {@code organisation/name} or {@code organisation/name@revision} names. */
  public static Optional<HubModel> parse(String id) {
    Matcher matcher = ID.matcher(id);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String revision = Optional.ofNullable(matcher.group(2)).orElse(MAIN);
    try {
      return Optional.of(new HubModel(matcher.group(1), revision));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Another revision of the same repository; empty if the text cannot name one. */
  public Optional<HubModel> at(String otherRevision) {
    return parse(repository + "@" + otherRevision);
  }

  /** Whether the revision is a commit, which never changes. */
  public boolean pinned() {
    return isCommit(revision);
  }

  static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  /** The id as it is given: the revision only where it is not {@code main}. */
  @Override
  public String toString() {
    return revision.equals(MAIN) ? repository : repository + "@" + revision;
  }

  private static boolean isName(Pattern pattern, String text) {
    return pattern.matcher(text).matches() && !text.contains("..") && text.length() <= LONGEST;
  }
}
