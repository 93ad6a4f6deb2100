/** Weight files: reading without copying, writing, checking. */
package org.codonfuse.weights;
