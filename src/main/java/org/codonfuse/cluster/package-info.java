/** Several processes that do one thing: who they are, how they meet, and what if one ends. */
package org.codonfuse.cluster;
