// The kernels of an encoder's layers on CUDA, compiled when they are needed (device_kernels.cpp) with
// these macros:
//   FLOAT16   1: elements are float16; 0: bfloat16
//   WIDTH     values of a row: of a head for attend, of a hidden state for normalise; a multiple of 8
//   ROTARY    attend: 1: queries and keys are rotated first
//
// They need nothing but the compiler: no header of CUDA. Everything is computed in float32.

typedef unsigned short Element;

constexpr unsigned ALL = 0xffffffffu;
constexpr int LANES = 32;
#define INFINITY __int_as_float(0x7f800000)

__device__ __forceinline__ float wide(unsigned bits) {
#if FLOAT16
  float result;
  asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(static_cast<Element>(bits)));
  return result;
#else
  return __uint_as_float(bits << 16);
#endif
}

/// Two values, the first in the lower half, rounded to nearest even.
__device__ __forceinline__ unsigned narrow(float low, float high) {
  unsigned result;
#if FLOAT16
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(result) : "f"(high), "f"(low));
#else
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(result) : "f"(high), "f"(low));
#endif
  return result;
}

__device__ __forceinline__ float first(unsigned pair) { return wide(pair & 0xffffu); }
__device__ __forceinline__ float second(unsigned pair) {
#if FLOAT16
  return wide(pair >> 16);
#else
  return __uint_as_float(pair & 0xffff0000u);
#endif
}

__device__ __forceinline__ float power_of_two(float x) {
  float result;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
}

// ---- activation ---------------------------------------------------------------------------------

/// erf after Abramowitz and Stegun 7.1.26: at most 1.5e-7 off.
__device__ __forceinline__ float error_function(float x) {
  const float size = fabsf(x);
  float t;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(t) : "f"(fmaf(0.3275911f, size, 1.0f)));
  float sum = fmaf(1.061405429f, t, -1.453152027f);
  sum = fmaf(sum, t, 1.421413741f);
  sum = fmaf(sum, t, -0.284496736f);
  sum = fmaf(sum, t, 0.254829592f);
  const float rest = sum * t * power_of_two(-1.4426950408889634f * size * size);
  return copysignf(1.0f - rest, x);
}

__device__ __forceinline__ float gelu(float x) {
  return 0.5f * x * (1.0f + error_function(0.7071067811865476f * x));
}

__device__ __forceinline__ unsigned gelu(unsigned pair) {
  return narrow(gelu(first(pair)), gelu(second(pair)));
}

/// GELU in place of values in eights; a last block has fewer.
extern "C" __global__ void __launch_bounds__(256) apply_gelu(uint4 *x, long long eights) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < eights) {
    uint4 v = x[i];
    v.x = gelu(v.x);
    v.y = gelu(v.y);
    v.z = gelu(v.z);
    v.w = gelu(v.w);
    x[i] = v;
  }
}

// ---- layer normalisation ------------------------------------------------------------------------

#ifdef WIDTH
static_assert(WIDTH % 8 == 0, "rows are read 16 bytes at a time");

__device__ __forceinline__ float over_warp(float x) {
  for (int lane = LANES / 2; lane > 0; lane /= 2) {
    x += __shfl_xor_sync(ALL, x, lane);
  }
  return x;
}

/// One warp a row.
extern "C" __global__ void __launch_bounds__(256)
    normalise(const uint4 *x, const float4 *weight, const float4 *bias, float epsilon, uint4 *out,
              int rows) {
  constexpr int EIGHTS = WIDTH / 8;
  constexpr int TURNS = (EIGHTS + LANES - 1) / LANES;
  const int row = blockIdx.x * (blockDim.x / LANES) + threadIdx.x / LANES;
  const int lane = threadIdx.x % LANES;
  if (row >= rows) {
    return;
  }
  const uint4 *in = x + static_cast<long long>(row) * EIGHTS;
  float values[TURNS][8];
  float sum = 0;
#pragma unroll
  for (int i = 0; i < TURNS; i++) {
    const int at = i * LANES + lane;
    if (at < EIGHTS) {
      const uint4 v = in[at];
      values[i][0] = first(v.x);
      values[i][1] = second(v.x);
      values[i][2] = first(v.y);
      values[i][3] = second(v.y);
      values[i][4] = first(v.z);
      values[i][5] = second(v.z);
      values[i][6] = first(v.w);
      values[i][7] = second(v.w);
#pragma unroll
      for (int k = 0; k < 8; k++) {
        sum += values[i][k];
      }
    }
  }
  const float mean = over_warp(sum) / WIDTH;
  float squares = 0;
#pragma unroll
  for (int i = 0; i < TURNS; i++) {
    if (i * LANES + lane < EIGHTS) {
#pragma unroll
      for (int k = 0; k < 8; k++) {
        const float d = values[i][k] - mean;
        squares = fmaf(d, d, squares);
      }
    }
  }
  const float scale = rsqrtf(over_warp(squares) / WIDTH + epsilon);
#pragma unroll
  for (int i = 0; i < TURNS; i++) {
    const int at = i * LANES + lane;
    if (at < EIGHTS) {
      const float4 w0 = weight[2 * at];
      const float4 w1 = weight[2 * at + 1];
      const float4 b0 = bias[2 * at];
      const float4 b1 = bias[2 * at + 1];
      const float *v = values[i];
      uint4 result;
      result.x = narrow(fmaf((v[0] - mean) * scale, w0.x, b0.x),
                        fmaf((v[1] - mean) * scale, w0.y, b0.y));
      result.y = narrow(fmaf((v[2] - mean) * scale, w0.z, b0.z),
                        fmaf((v[3] - mean) * scale, w0.w, b0.w));
      result.z = narrow(fmaf((v[4] - mean) * scale, w1.x, b1.x),
                        fmaf((v[5] - mean) * scale, w1.y, b1.y));
      result.w = narrow(fmaf((v[6] - mean) * scale, w1.z, b1.z),
                        fmaf((v[7] - mean) * scale, w1.w, b1.w));
      out[static_cast<long long>(row) * EIGHTS + at] = result;
    }
  }
}
#endif

// ---- self-attention -----------------------------------------------------------------------------

#ifdef ROTARY
// A block of four warps has some queries of one head of one sequence and goes over the keys in tiles,
// with the online softmax of FlashAttention (arXiv 2205.14135). Products are those of tensor cores,
// m16n8k16: of their operands a thread has known places, see mma.sync in the PTX manual; with g and t
// the thread's number in its warp divided by 4 and its rest, rows g and g + 8 and columns 2t and
// 2t + 1 of every 8 columns of the results.

constexpr int WARPS = 4;
constexpr int THREADS = WARPS * LANES;
/// Tiles of 16 queries of a warp: what is read of keys and values serves all of them.
constexpr int BLOCKS = WIDTH <= 64 ? 2 : 1;
constexpr int TILE = 32 * BLOCKS;              // keys in shared memory
constexpr int QUERIES = WARPS * 16 * BLOCKS;   // of a block: two tiles
constexpr int STEP = 32;                       // keys whose scores are in registers
/// Blocks that a multiprocessor has registers for; as measured on an H200.
constexpr int RESIDENT = WIDTH <= 16 ? 5 : WIDTH > 32 ? 2 : ROTARY ? 4 : 3;
constexpr float MARGIN = 8;                    // powers of two by which weights may exceed 1
constexpr int SIXTEENS = (WIDTH + 15) / 16;
constexpr int PADDED = 16 * SIXTEENS;
/// An odd number of 16 bytes, so that eight rows lie in different banks.
constexpr int STRIDE = PADDED + 8;
constexpr int EIGHTS_OF_ROW = WIDTH / 8;
constexpr int READS = (TILE * EIGHTS_OF_ROW + THREADS - 1) / THREADS;
static_assert(QUERIES == 2 * TILE, "queries are read where two tiles of keys will be");

struct Shared {
  Element keys[2][TILE][STRIDE];
  Element values[2][TILE][STRIDE];
};

/// A thread's share of a tile.
struct Fetched {
  uint4 of[READS];
};

/// Eight values of a row: neighbours, or four and those that they are rotated with.
template <bool ROTATED>
__device__ __forceinline__ void fetch(const Element *rows, long long stride, int start, int length,
                                      Fetched &to) {
#pragma unroll
  for (int i = 0; i < READS; i++) {
    const int at = i * THREADS + threadIdx.x;
    const int row = start + at / EIGHTS_OF_ROW;
    const int column = at % EIGHTS_OF_ROW;
    uint4 v = make_uint4(0, 0, 0, 0);
    if (at < TILE * EIGHTS_OF_ROW && row < length) {
      const Element *from = rows + row * stride;
      if (ROTATED) {
        const uint2 left = *reinterpret_cast<const uint2 *>(from + 4 * column);
        const uint2 right = *reinterpret_cast<const uint2 *>(from + 4 * column + WIDTH / 2);
        v = make_uint4(left.x, left.y, right.x, right.y);
      } else {
        v = *reinterpret_cast<const uint4 *>(from + 8 * column);
      }
    }
    to.of[i] = v;
  }
}

/// x cos + y sin of two pairs.
__device__ __forceinline__ unsigned rotated(unsigned x, unsigned y, float cos0, float cos1,
                                            float sin0, float sin1) {
  return narrow(fmaf(first(x), cos0, first(y) * sin0), fmaf(second(x), cos1, second(y) * sin1));
}

template <bool ROTATED>
__device__ __forceinline__ void put(Fetched &from, int start, int length, const float *cos,
                                    const float *sin, Element (*to)[STRIDE]) {
#pragma unroll
  for (int i = 0; i < READS; i++) {
    const int at = i * THREADS + threadIdx.x;
    if (at < TILE * EIGHTS_OF_ROW) {
      const int row = at / EIGHTS_OF_ROW;
      const int column = at % EIGHTS_OF_ROW;
      uint4 v = from.of[i];
      if (ROTATED) {
        if (start + row < length) {
          const long long angle = static_cast<long long>(start + row) * WIDTH + 4 * column;
          float4 c = *reinterpret_cast<const float4 *>(cos + angle);
          float4 s = *reinterpret_cast<const float4 *>(sin + angle);
          const uint4 x = v;
          v.x = rotated(x.x, x.z, c.x, c.y, -s.x, -s.y);
          v.y = rotated(x.y, x.w, c.z, c.w, -s.z, -s.w);
          c = *reinterpret_cast<const float4 *>(cos + angle + WIDTH / 2);
          s = *reinterpret_cast<const float4 *>(sin + angle + WIDTH / 2);
          v.z = rotated(x.z, x.x, c.x, c.y, s.x, s.y);
          v.w = rotated(x.w, x.y, c.z, c.w, s.z, s.w);
        }
        *reinterpret_cast<uint2 *>(&to[row][4 * column]) = make_uint2(v.x, v.y);
        *reinterpret_cast<uint2 *>(&to[row][4 * column + WIDTH / 2]) = make_uint2(v.z, v.w);
      } else {
        *reinterpret_cast<uint4 *>(&to[row][8 * column]) = v;
      }
    }
  }
}

__device__ __forceinline__ unsigned address(const void *shared) {
  return static_cast<unsigned>(__cvta_generic_to_shared(shared));
}

__device__ __forceinline__ void load4(unsigned (&to)[4], const void *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(address(row)));
}

__device__ __forceinline__ void load4_transposed(unsigned (&to)[4], const void *row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(address(row)));
}

__device__ __forceinline__ void multiply(float (&sum)[4], const unsigned (&a)[4], unsigned b0,
                                         unsigned b1) {
#if FLOAT16
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
#else
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
#endif
               "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

/// The largest of four neighbouring threads, which share a row of results.
__device__ __forceinline__ float largest(float x) {
  x = fmaxf(x, __shfl_xor_sync(ALL, x, 1));
  return fmaxf(x, __shfl_xor_sync(ALL, x, 2));
}

/// qkv [rows, 3, heads, WIDTH]; sequence s has the rows from offsets[s] to offsets[s + 1]; cos and sin
/// [positions, WIDTH]; scale is that of the scores by log2(e), above zero; out [rows, heads, WIDTH].
/// Blocks are (queries, head, sequence).
extern "C" __global__ void __launch_bounds__(THREADS, RESIDENT)
    attend(const Element *qkv, const long long *offsets, const float *cos, const float *sin,
           int heads, float scale, Element *out) {
  __shared__ __align__(16) Shared shared;
  const long long begin = offsets[blockIdx.z];
  const int length = static_cast<int>(offsets[blockIdx.z + 1] - begin);
  const int query = blockIdx.x * QUERIES;
  if (query >= length) {
    return;
  }
  const long long hidden = static_cast<long long>(heads) * WIDTH;
  const long long stride = 3 * hidden;
  const Element *queries = qkv + begin * stride + blockIdx.y * WIDTH;
  const Element *keys = queries + hidden;
  const Element *values = keys + hidden;
  const int lane = threadIdx.x % LANES;
  const int mine = (threadIdx.x / LANES) * 16 * BLOCKS;  // the warp's first query in the block

  if (PADDED > WIDTH) {
    // Products go over the whole padded width.
    for (int i = threadIdx.x; i < 2 * TILE; i += THREADS) {
      for (int k = WIDTH; k < PADDED; k++) {
        shared.keys[i / TILE][i % TILE][k] = 0;
        shared.values[i / TILE][i % TILE][k] = 0;
      }
    }
  }

  // Memory is waited for once.
  Fetched next_keys;
  Fetched next_values;
  unsigned q[BLOCKS][SIXTEENS][4];
  {
    Fetched of[2];
    fetch<ROTARY>(queries, stride, query, length, of[0]);
    fetch<ROTARY>(queries, stride, query + TILE, length, of[1]);
    fetch<ROTARY>(keys, stride, 0, length, next_keys);
    fetch<false>(values, stride, 0, length, next_values);
    put<ROTARY>(of[0], query, length, cos, sin, shared.keys[0]);
    put<ROTARY>(of[1], query + TILE, length, cos, sin, shared.keys[1]);
    __syncthreads();
    const Element(*rows)[STRIDE] = shared.keys[0];
#pragma unroll
    for (int m = 0; m < BLOCKS; m++) {
#pragma unroll
      for (int k = 0; k < SIXTEENS; k++) {
        load4(q[m][k], &rows[mine + 16 * m + lane % 16][16 * k + 8 * (lane / 16)]);
      }
    }
    __syncthreads();
  }

  float sums[BLOCKS][2 * SIXTEENS][4] = {};
  float highest[BLOCKS][2];
  float total[BLOCKS][2] = {};
#pragma unroll
  for (int m = 0; m < BLOCKS; m++) {
    highest[m][0] = highest[m][1] = -INFINITY;
  }

  put<ROTARY>(next_keys, 0, length, cos, sin, shared.keys[0]);
  put<false>(next_values, 0, length, cos, sin, shared.values[0]);
  __syncthreads();
  const bool idle = query + mine >= length;

  for (int start = 0, buffer = 0; start < length; start += TILE, buffer ^= 1) {
    const int next = start + TILE;
    if (next < length) {
      fetch<ROTARY>(keys, stride, next, length, next_keys);
      fetch<false>(values, stride, next, length, next_values);
    }
#pragma unroll
    for (int step = 0; step < TILE; step += STEP) {
      if (idle || start + step >= length) {
        break;
      }
      const Element(*k_rows)[STRIDE] = &shared.keys[buffer][step];
      const Element(*v_rows)[STRIDE] = &shared.values[buffer][step];
      float scores[BLOCKS][STEP / 8][4] = {};
#pragma unroll
      for (int n = 0; n < STEP / 8; n += 2) {
#pragma unroll
        for (int k = 0; k < SIXTEENS; k++) {
          // Keys n * 8 to n * 8 + 16: two blocks of eight, of each both halves of sixteen values.
          unsigned b[4];
          load4(b, &k_rows[8 * n + 8 * (lane / 16) + lane % 8][16 * k + 8 * (lane / 8 % 2)]);
#pragma unroll
          for (int m = 0; m < BLOCKS; m++) {
            multiply(scores[m][n], q[m][k], b[0], b[1]);
            multiply(scores[m][n + 1], q[m][k], b[2], b[3]);
          }
        }
      }
      if (start + step + STEP > length) {
#pragma unroll
        for (int n = 0; n < STEP / 8; n++) {
#pragma unroll
          for (int c = 0; c < 2; c++) {
            if (start + step + 8 * n + 2 * (lane % 4) + c >= length) {
#pragma unroll
              for (int m = 0; m < BLOCKS; m++) {
                scores[m][n][c] = scores[m][n][c + 2] = -INFINITY;
              }
            }
          }
        }
      }
      float high[BLOCKS][2];
      bool above = false;
#pragma unroll
      for (int m = 0; m < BLOCKS; m++) {
#pragma unroll
        for (int r = 0; r < 2; r++) {
          float of_row = highest[m][r];
#pragma unroll
          for (int n = 0; n < STEP / 8; n++) {
            of_row = fmaxf(of_row, fmaxf(scores[m][n][2 * r], scores[m][n][2 * r + 1]));
          }
          high[m][r] = largest(of_row);
          above = above || (high[m][r] - highest[m][r]) * scale > MARGIN;
        }
      }
      // What is subtracted need not be the highest score, only near it.
      if (__any_sync(ALL, above)) {
#pragma unroll
        for (int m = 0; m < BLOCKS; m++) {
#pragma unroll
          for (int r = 0; r < 2; r++) {
            const float factor = power_of_two((highest[m][r] - high[m][r]) * scale);
            highest[m][r] = high[m][r];
            total[m][r] *= factor;
#pragma unroll
            for (int d = 0; d < 2 * SIXTEENS; d++) {
              sums[m][d][2 * r] *= factor;
              sums[m][d][2 * r + 1] *= factor;
            }
          }
        }
      }
#pragma unroll
      for (int m = 0; m < BLOCKS; m++) {
        const float shift0 = -highest[m][0] * scale;
        const float shift1 = -highest[m][1] * scale;
#pragma unroll
        for (int n = 0; n < STEP / 8; n++) {
          float *s = scores[m][n];
          s[0] = power_of_two(fmaf(s[0], scale, shift0));
          s[1] = power_of_two(fmaf(s[1], scale, shift0));
          s[2] = power_of_two(fmaf(s[2], scale, shift1));
          s[3] = power_of_two(fmaf(s[3], scale, shift1));
          total[m][0] += s[0] + s[1];
          total[m][1] += s[2] + s[3];
        }
      }
#pragma unroll
      for (int k = 0; k < STEP / 16; k++) {
        unsigned p[BLOCKS][4];
#pragma unroll
        for (int m = 0; m < BLOCKS; m++) {
          const float *left = scores[m][2 * k];
          const float *right = scores[m][2 * k + 1];
          p[m][0] = narrow(left[0], left[1]);
          p[m][1] = narrow(left[2], left[3]);
          p[m][2] = narrow(right[0], right[1]);
          p[m][3] = narrow(right[2], right[3]);
        }
#pragma unroll
        for (int d = 0; d < SIXTEENS; d++) {
          unsigned b[4];
          load4_transposed(b, &v_rows[16 * k + lane % 16][16 * d + 8 * (lane / 16)]);
#pragma unroll
          for (int m = 0; m < BLOCKS; m++) {
            multiply(sums[m][2 * d], p[m], b[0], b[1]);
            multiply(sums[m][2 * d + 1], p[m], b[2], b[3]);
          }
        }
      }
    }
    if (next < length) {
      put<ROTARY>(next_keys, next, length, cos, sin, shared.keys[buffer ^ 1]);
      put<false>(next_values, next, length, cos, sin, shared.values[buffer ^ 1]);
    }
    __syncthreads();
  }
  if (idle) {
    return;
  }

#pragma unroll
  for (int m = 0; m < BLOCKS; m++) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float all = total[m][r];
      all += __shfl_xor_sync(ALL, all, 1);
      all += __shfl_xor_sync(ALL, all, 2);
      const float factor = 1.0f / all;
      const int row = query + mine + 16 * m + 8 * r + lane / 4;
      if (row < length) {
        Element *to = out + (begin + row) * hidden + blockIdx.y * WIDTH + 2 * (lane % 4);
#pragma unroll
        for (int d = 0; d < EIGHTS_OF_ROW; d++) {
          *reinterpret_cast<unsigned *>(to + 8 * d) =
              narrow(sums[m][d][2 * r] * factor, sums[m][d][2 * r + 1] * factor);
        }
      }
    }
  }
}
#endif
