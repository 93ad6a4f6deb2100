/** Figures of merit of predictions, with bootstrap intervals. */
package org.codonfuse.training.metrics;
