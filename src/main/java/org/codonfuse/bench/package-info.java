/** How fast a machine is, against a number that a user knows. */
package org.codonfuse.bench;
