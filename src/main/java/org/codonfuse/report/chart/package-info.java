/** Charts as data, and what they become: part of a page, pictures for papers, tables of numbers. */
package org.codonfuse.report.chart;
