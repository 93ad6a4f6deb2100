/** Public data sets that methods are compared on, and how they are had. */
package org.codonfuse.datasets;
