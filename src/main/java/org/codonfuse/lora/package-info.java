/** Low-rank adapters of encoders, as PEFT keeps them. */
package org.codonfuse.lora;
