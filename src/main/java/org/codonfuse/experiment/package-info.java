/**
 * Experiments: data sets × encoders × fusions × heads × seeds from one file, run cell by cell, and
 * the tables that compare them.
 */
package org.codonfuse.experiment;
