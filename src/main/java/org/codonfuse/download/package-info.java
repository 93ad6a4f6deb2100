/** Files from HTTP servers: broken connections are taken up again, and what arrives is checked. */
package org.codonfuse.download;
