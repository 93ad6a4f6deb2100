/** Predictors without a language model: what encoders must be better than to be of use. */
package org.codonfuse.baseline;
