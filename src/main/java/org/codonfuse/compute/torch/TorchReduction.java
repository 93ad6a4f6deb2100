package org.codonfuse.compute.torch;

import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_reduction_arm;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_reduction_finish;
import static org.codonfuse.compute.torch.binding.CodonfuseNative.cf_reduction_free;

import java.lang.foreign.MemorySegment;
import org.codonfuse.compute.GradientReduction;

/** Hooks in the parameters of LibTorch, which act in every backward pass until this is closed. */
final class TorchReduction implements GradientReduction {
  private final MemorySegment handle;
  private final Leak leak;
  private boolean closed;

  TorchReduction(MemorySegment handle, int parameters) {
    this.handle = handle;
    this.leak = Leak.watch(this, "gradient reduction", parameters + " parameters");
  }

  @Override
  public void arm() {
    Native.check(cf_reduction_arm(handle()));
  }

  @Override
  public void finish(double[] sums) {
    TorchProcessGroup.withNative(
        sums, (segment, count) -> cf_reduction_finish(handle(), segment, count));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cf_reduction_free(handle);
      leak.released();
    }
  }

  private MemorySegment handle() {
    if (closed) {
      throw new IllegalStateException("The gradient reduction was used after it was closed");
    }
    return handle;
  }
}
