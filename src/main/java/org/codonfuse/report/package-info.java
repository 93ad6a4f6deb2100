/** Reports on runs: a page that needs nothing but itself, and figures for papers. */
package org.codonfuse.report;
