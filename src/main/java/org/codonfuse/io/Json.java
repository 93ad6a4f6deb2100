package org.codonfuse.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Objects;
import java.util.stream.Collectors;

/** Results as JSON, and what is wrong with records that are not. */
public final class Json {
  private static final JsonMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  /**
   * Why a text could not be read as a record, naming the field; for the middle of a sentence.
   *
   * @param e one of Jackson's
   */
  public static String reason(IOException e) {
    if (!(e instanceof JsonMappingException mapping)) {
      return "it is not valid JSON";
    }
    String field =
        mapping.getPath().stream()
            .map(JsonMappingException.Reference::getFieldName)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("."));
    return switch (e) {
      case UnrecognizedPropertyException _ -> "it has an unknown field '" + field + "'";
      case JsonMappingException _ when field.isEmpty() -> "it is no JSON object";
      default -> "field '" + field + "' is missing or has a wrong value";
    };
  }

  /**
   * Indented JSON without a line end after it.
   *
   * @param value maps, lists, strings, numbers, booleans and records of them
   * @throws IllegalArgumentException if it is anything else
   */
  public static String pretty(Object value) {
    try {
      return PRETTY.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("No JSON: " + value, e);
    }
  }
}
