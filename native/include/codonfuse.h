/*
 * The C ABI of Codonfuse over LibTorch: all that Java sees.
 *
 * Errors. Every function that can fail returns a cf_status *: NULL is success, anything else is
 * owned by the caller, who frees it with cf_status_free. On failure no out-parameter is written.
 *
 * Ownership. Every cf_tensor ** out-parameter receives a new reference, which the caller frees with
 * cf_tensor_free. Inputs are borrowed for the duration of the call. Tensors may be freed by any
 * thread. Frees accept NULL.
 *
 * Modes. Functions whose first parameter is a mode run under that mode and leave none behind:
 * CF_INFERENCE records nothing for differentiation, CF_GRADIENT records, CF_TRAINING also drops.
 * With CF_BFLOAT16_PRODUCTS added, matrix products, convolutions and attention of float32 have
 * operands rounded to bfloat16, forward and backward; sums are in float32, and so is the result,
 * which the device may have rounded to bfloat16 as well.
 *
 * Shapes. Row-major throughout. Activations are [batch, position, width].
 */
#ifndef CODONFUSE_H
#define CODONFUSE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CF_API __attribute__((visibility("default")))
#else
#define CF_API
#endif

/* Raised with every change of a signature or of a meaning below. */
#define CF_ABI_VERSION 7

#define CF_MAX_RANK 8

typedef struct cf_tensor cf_tensor;
typedef struct cf_status cf_status;
typedef struct cf_adam cf_adam;
typedef struct cf_store cf_store;
typedef struct cf_group cf_group;
typedef struct cf_reduction cf_reduction;
typedef struct cf_read cf_read;
typedef struct cf_graph cf_graph;

/* Kinds of failure. */
enum {
  CF_INTERNAL = 1,          /* an exception that fits none of the others */
  CF_INVALID_ARGUMENT = 2,  /* shapes, types or values that do not fit */
  CF_OUT_OF_MEMORY = 3,     /* host or device memory is exhausted */
  CF_DEVICE_UNAVAILABLE = 4, /* a device that this build or machine does not have */
  CF_COMMUNICATION = 5       /* another process cannot be reached, or has ended */
};

/* Element types. */
enum {
  CF_FLOAT32 = 0,
  CF_FLOAT64 = 1,
  CF_BFLOAT16 = 2,
  CF_FLOAT16 = 3,
  CF_INT64 = 4,
  CF_BOOL = 5 /* one byte, 0 or 1 */
};

/* Devices. */
enum { CF_CPU = 0, CF_CUDA = 1 };

/* Modes. */
enum { CF_INFERENCE = 0, CF_GRADIENT = 1, CF_TRAINING = 2 };

/* What may be added to a mode. */
enum { CF_BFLOAT16_PRODUCTS = 16 };

/* Element-wise functions of one tensor. GELU is the exact form with erf. */
enum { CF_RELU = 0, CF_GELU = 1, CF_SILU = 2, CF_TANH = 3, CF_SIGMOID = 4, CF_EXP = 5, CF_LOG = 6 };

/* No function: what cf_linear applies where nothing is to be applied. */
enum { CF_IDENTITY = -1 };

/* Element-wise functions of two tensors. */
enum { CF_ADD = 0, CF_SUBTRACT = 1, CF_MULTIPLY = 2, CF_DIVIDE = 3 };

/* ---- library ---------------------------------------------------------------------------- */

/* CF_ABI_VERSION of the library that is loaded. */
CF_API int32_t cf_abi_version(void);

/* Version of LibTorch that this library was built with, such as "2.13.0"; borrowed, static. */
CF_API const char *cf_libtorch_version(void);

/* What the LibTorch that is loaded says of its own build, such as of TORCH_VERSION or CUDA_VERSION;
 * empty where it says nothing; borrowed, static. */
CF_API const char *cf_libtorch_option(const char *name);

/* Number of tensors, reads and optimisers that the caller has not freed. */
CF_API int64_t cf_live_handles(void);

/* One of the CF_* kinds of failure. */
CF_API int32_t cf_status_code(const cf_status *status);

/* UTF-8 message without a stack trace; borrowed until the status is freed. */
CF_API const char *cf_status_message(const cf_status *status);

CF_API void cf_status_free(cf_status *status);

/* Call when the process is about to exit while other threads may be computing: it then ends without
 * destroying LibTorch's objects under them. */
CF_API void cf_prepare_exit(void);

/* Threads within operations, at least 1. */
CF_API cf_status *cf_set_threads(int32_t threads);
CF_API int32_t cf_get_threads(void);

/* Seeds the generators of all devices. */
CF_API cf_status *cf_seed(uint64_t seed);

/* The instruction set that LibTorch's CPU kernels use, such as "AVX512"; borrowed, static. */
CF_API const char *cf_cpu_capability(void);

/* Number of usable CUDA devices; 0 where LibTorch has no CUDA or the driver finds none. */
CF_API cf_status *cf_cuda_device_count(int32_t *count);

/* Name (truncated to size, zero-terminated) and memory in bytes of a CUDA device. */
CF_API cf_status *cf_cuda_device_info(int32_t index, char *name, size_t size, int64_t *free_bytes,
                                      int64_t *total_bytes);

/* The 16 bytes by which a CUDA device is known on all machines; parts of one device have the same. */
CF_API cf_status *cf_cuda_device_uuid(int32_t index, uint8_t *uuid);

/* Whether products and convolutions of float32 on CUDA devices may round their factors to 10 bits (TF32),
 * in this process from now on. They may not before this is called. Attention that LibTorch has a kernel
 * of its own for does not round either way. */
CF_API cf_status *cf_allow_tf32(int32_t allowed);

/* What the driver says, whether LibTorch can use it or not: the CUDA version that it serves (1000 x
 * major + 10 x minor), the code that it fails with (0: it works), and its number of devices. Fails with
 * CF_DEVICE_UNAVAILABLE where there is none. */
CF_API cf_status *cf_cuda_driver(int32_t *version, int32_t *code, int32_t *devices);

/* Why the kernels that encoders have on CUDA in 16 bits cannot be compiled for a device, zero-terminated;
 * empty where they can. Without them LibTorch's operators compute the same, more slowly. */
CF_API cf_status *cf_cuda_kernels(int32_t index, char *refusal, size_t size);

/* Bytes of a device's memory: that tensors use, that LibTorch holds for these and later ones, and the
 * most that it held since the start or cf_memory_forget_peak. Not of the CPU. */
CF_API cf_status *cf_memory_use(int32_t device, int32_t device_index, int64_t *used_bytes,
                                int64_t *held_bytes, int64_t *peak_bytes);

/* Gives back what LibTorch holds without using it and begins to look for the peak anew. */
CF_API cf_status *cf_memory_forget_peak(int32_t device, int32_t device_index);

/* ---- tensors ---------------------------------------------------------------------------- */

/* A tensor on a device with a copy of `data`. */
CF_API cf_status *cf_tensor_copy_of(const void *data, int32_t dtype, const int64_t *sizes,
                                    int32_t rank, int32_t device, int32_t device_index,
                                    cf_tensor **out);

/* A CPU tensor over `data` itself, which must stay valid and unchanged until every tensor that
 * shares it is freed, and be aligned to its element size. */
CF_API cf_status *cf_tensor_borrow(const void *data, int32_t dtype, const int64_t *sizes,
                                   int32_t rank, cf_tensor **out);

/* A float32 tensor in host memory, of arbitrary values, that a device copies from without a thread's
 * help. *data, its elements in row-major order, is borrowed until the tensor is freed. */
CF_API cf_status *cf_host_tensor(const int64_t *sizes, int32_t rank, int32_t device,
                                 int32_t device_index, cf_tensor **out, float **data);

/* What cf_host_tensor returned on its device, which begins to copy; on the CPU the elements are shared.
 * They must not change any more; the host's tensor may be freed at once. */
CF_API cf_status *cf_upload(const cf_tensor *host, int32_t device, int32_t device_index,
                            cf_tensor **out);

/* A tensor filled with one value. */
CF_API cf_status *cf_tensor_full(double value, int32_t dtype, const int64_t *sizes, int32_t rank,
                                 int32_t device, int32_t device_index, cf_tensor **out);

CF_API void cf_tensor_free(cf_tensor *tensor);

/* Element type, rank and sizes; `sizes` has room for CF_MAX_RANK. */
CF_API cf_status *cf_tensor_describe(const cf_tensor *tensor, int32_t *dtype, int32_t *rank,
                                     int64_t *sizes);

/* Copies the elements in row-major order to host memory of exactly `bytes` bytes. */
CF_API cf_status *cf_tensor_read(const cf_tensor *tensor, void *data, int64_t bytes);

/* Begins to copy the elements of a floating point tensor, converted to another floating point type or
 * not, to host memory, once the device has computed them; returns at once where the device is not the
 * CPU, and what the device is asked for next it computes meanwhile. Of a CPU tensor that is not
 * converted nothing is copied: it must not change while it is read. The caller frees the read with
 * cf_read_free; the tensor may be freed before. */
CF_API cf_status *cf_read_begin(const cf_tensor *tensor, int32_t dtype, cf_read **out);

/* Waits for the elements, on any thread. `data` is where they are, in row-major order and borrowed
 * until the read is freed; NULL perhaps if there are none. `largest` is the largest magnitude among
 * them before they were converted: NaN if one of them is, 0 of none. */
CF_API cf_status *cf_read_end(cf_read *read, const void **data, float *largest);

/* After cf_read_end: the elements as they were before they were converted, where that made some of
 * them infinite; else those in host memory. */
CF_API cf_status *cf_read_source(const cf_read *read, cf_tensor **out);

CF_API void cf_read_free(cf_read *read);

/* ---- shape and type --------------------------------------------------------------------- */

CF_API cf_status *cf_cast(int32_t mode, const cf_tensor *x, int32_t dtype, cf_tensor **out);
CF_API cf_status *cf_reshape(int32_t mode, const cf_tensor *x, const int64_t *sizes, int32_t rank,
                             cf_tensor **out);
CF_API cf_status *cf_transpose(int32_t mode, const cf_tensor *x, int32_t axis, int32_t other,
                               cf_tensor **out);
CF_API cf_status *cf_narrow(int32_t mode, const cf_tensor *x, int32_t axis, int64_t start,
                            int64_t length, cf_tensor **out);
CF_API cf_status *cf_concat(int32_t mode, const cf_tensor *const *tensors, int32_t count,
                            int32_t axis, cf_tensor **out);

/* ---- element-wise and reductions -------------------------------------------------------- */

CF_API cf_status *cf_unary(int32_t mode, int32_t function, const cf_tensor *x, cf_tensor **out);
CF_API cf_status *cf_binary(int32_t mode, int32_t function, const cf_tensor *a, const cf_tensor *b,
                            cf_tensor **out);
/* x * scale + shift */
CF_API cf_status *cf_affine(int32_t mode, const cf_tensor *x, double scale, double shift,
                            cf_tensor **out);
CF_API cf_status *cf_clamp(int32_t mode, const cf_tensor *x, double low, double high,
                           cf_tensor **out);
CF_API cf_status *cf_sum(int32_t mode, const cf_tensor *x, int32_t axis, cf_tensor **out);
CF_API cf_status *cf_mean(int32_t mode, const cf_tensor *x, int32_t axis, cf_tensor **out);
/* over the last axis */
CF_API cf_status *cf_softmax(int32_t mode, const cf_tensor *x, cf_tensor **out);

/* ---- layers ----------------------------------------------------------------------------- */

/* [..., n, k] x [..., k, m] */
CF_API cf_status *cf_matmul(int32_t mode, const cf_tensor *a, const cf_tensor *b, cf_tensor **out);
/* x [..., in], weight [out, in], bias [out] or NULL: f(x weight^T + bias), where f is a CF_* function
 * of one tensor or CF_IDENTITY, combined as a CF_* function of two tensors with other [..., out],
 * which may be NULL. The weight may be one that cf_freeze_weight returned, in CF_INFERENCE also one of
 * cf_pack_weight. */
CF_API cf_status *cf_linear(int32_t mode, const cf_tensor *x, const cf_tensor *weight,
                            const cf_tensor *bias, int32_t function, int32_t combination,
                            const cf_tensor *other, cf_tensor **out);
/* x weight^T + bias of `count` layers, of which there is one at least, by one product; out has room for as
 * many results, which share memory. */
CF_API cf_status *cf_linears(int32_t mode, const cf_tensor *x, const cf_tensor *const *weights,
                             const cf_tensor *const *biases, int32_t count, cf_tensor **out);
/* The weight [out, in] in the layout that products with about `rows` rows are fastest in, good for
 * nothing but cf_linear; the weight itself where LibTorch has no such layout. */
CF_API cf_status *cf_pack_weight(const cf_tensor *weight, int64_t rows, cf_tensor **out);
/* The same of a weight that gradients pass through and that has none itself, for all modes. Holds one
 * copy of the weight's size, a second from the first gradient with it on, and as many again, rounded
 * to bfloat16, once products were asked for in that. */
CF_API cf_status *cf_freeze_weight(const cf_tensor *weight, int64_t rows, cf_tensor **out);
/* over the last axis */
CF_API cf_status *cf_layer_norm(int32_t mode, const cf_tensor *x, const cf_tensor *weight,
                                const cf_tensor *bias, double epsilon, cf_tensor **out);
/* table [rows, width], ids int64 */
CF_API cf_status *cf_embedding(int32_t mode, const cf_tensor *table, const cf_tensor *ids,
                               cf_tensor **out);
/* q [batch, queries, heads * width], k and v [batch, keys, heads * width], key_mask bool
 * [batch, keys] or NULL; dropout acts in CF_TRAINING */
CF_API cf_status *cf_attention(int32_t mode, const cf_tensor *q, const cf_tensor *k,
                               const cf_tensor *v, const cf_tensor *key_mask, int32_t heads,
                               double scale, double dropout, cf_tensor **out);
/* Self-attention of sequences without padding: qkv [rows, 3 * heads * width] holds queries, keys and
 * values side by side; sequence s is rows [offsets[s], offsets[s + 1]), s < sequences. cos and sin,
 * float32 [positions, width] or both NULL, rotate the halves of queries and keys by their position in
 * the sequence. Rotation, scores and softmax are computed in at least float32. Returns
 * [rows, heads * width]. */
CF_API cf_status *cf_self_attention(int32_t mode, const cf_tensor *qkv, const int64_t *offsets,
                                    int64_t sequences, const cf_tensor *cos, const cf_tensor *sin,
                                    int32_t heads, double scale, cf_tensor **out);
/* x [batch, position, in], weight [out, in, kernel], bias [out]; zero padding, stride 1 */
CF_API cf_status *cf_conv1d(int32_t mode, const cf_tensor *x, const cf_tensor *weight,
                            const cf_tensor *bias, int64_t left, int64_t right, cf_tensor **out);
/* The largest values of cf_conv1d over the positions of its result that are valid in mask bool
 * [batch, position], or over all where mask is NULL: [batch, out], negative infinity for a member
 * without a valid position. NaN wins. The first of equal positions has the gradient. */
CF_API cf_status *cf_conv_max(int32_t mode, const cf_tensor *x, const cf_tensor *weight,
                              const cf_tensor *bias, int64_t left, int64_t right,
                              const cf_tensor *mask, cf_tensor **out);
/* x [batch, position, in], weight [in, out, kernel]; `padding` positions cut from either end */
CF_API cf_status *cf_conv_transpose1d(int32_t mode, const cf_tensor *x, const cf_tensor *weight,
                                      int64_t stride, int64_t padding, cf_tensor **out);
/* identity outside CF_TRAINING */
CF_API cf_status *cf_dropout(int32_t mode, const cf_tensor *x, double probability,
                             cf_tensor **out);

/* ---- masks and segments: mask bool [batch, position], true = valid ----------------------- */

CF_API cf_status *cf_masked_fill(int32_t mode, const cf_tensor *x, const cf_tensor *mask,
                                 double value, cf_tensor **out);
/* x [batch, position, width] to [batch, width]; mask NULL = all valid */
CF_API cf_status *cf_masked_mean(int32_t mode, const cf_tensor *x, const cf_tensor *mask,
                                 cf_tensor **out);
CF_API cf_status *cf_masked_max(int32_t mode, const cf_tensor *x, const cf_tensor *mask,
                                cf_tensor **out);
/* x [rows, width]; out[s] = sum of weights[k] * x[rows[k]], k in [offsets[s], offsets[s + 1]);
 * offsets has segments + 1 entries */
CF_API cf_status *cf_segment_sum(int32_t mode, const cf_tensor *x, const int64_t *offsets,
                                 int64_t segments, const int64_t *rows, const float *weights,
                                 cf_tensor **out);

/* ---- training --------------------------------------------------------------------------- */

/* A leaf with its own copy of the values that gradients are accumulated in. */
CF_API cf_status *cf_parameter(const cf_tensor *initial, cf_tensor **out);
/* Overwrites the values of a parameter, keeping its identity. */
CF_API cf_status *cf_assign(cf_tensor *parameter, const cf_tensor *values);
/* A copy of the accumulated gradient; *out is NULL where there is none. */
CF_API cf_status *cf_gradient(const cf_tensor *parameter, cf_tensor **out);
/* Mean over all elements; shapes are equal. */
CF_API cf_status *cf_mse_loss(int32_t mode, const cf_tensor *output, const cf_tensor *target,
                              cf_tensor **out);
/* logits [batch, classes], target int64 [batch]; mean over the batch */
CF_API cf_status *cf_cross_entropy(int32_t mode, const cf_tensor *logits, const cf_tensor *target,
                                   cf_tensor **out);
/* Accumulates the gradients of a scalar. */
CF_API cf_status *cf_backward(const cf_tensor *loss);

/* Accumulates the gradients of the sum of a tensor's products with `gradient`, of its shape; then gives
 * memory that is free back to the system. */
CF_API cf_status *cf_backward_from(const cf_tensor *output, const cf_tensor *gradient);

/* Adam with L2 weight decay in the gradient. Shares the parameters, which may be freed first.
 * Parameters without a gradient stay as they are in a step. The learning rate of parameter i is that
 * of the step times factors[i], or that of the step where factors is NULL. */
CF_API cf_status *cf_adam_new(const cf_tensor *const *parameters, const double *factors,
                              int32_t count, double beta1, double beta2, double epsilon,
                              double weight_decay, cf_adam **out);
CF_API cf_status *cf_adam_step(cf_adam *adam, double learning_rate);
CF_API cf_status *cf_adam_zero_gradients(cf_adam *adam);
CF_API int64_t cf_adam_steps(const cf_adam *adam);
/* Scales all gradients where their norm together is larger than `norm` to that. Begins to read the norm
 * before, one float32, as cf_read_begin does; the caller frees the read. */
CF_API cf_status *cf_adam_clip(cf_adam *adam, double norm, cf_read **before);
/* Copies of the first and second moment of parameter `index`, and in how many steps it had a
 * gradient. */
CF_API cf_status *cf_adam_moments(const cf_adam *adam, int32_t index, cf_tensor **first,
                                  cf_tensor **second, int64_t *steps);
/* Restores what cf_adam_moments returned. */
CF_API cf_status *cf_adam_restore(cf_adam *adam, int32_t index, const cf_tensor *first,
                                  const cf_tensor *second, int64_t steps);
/* Restores cf_adam_steps. */
CF_API cf_status *cf_adam_set_steps(cf_adam *adam, int64_t steps);
CF_API void cf_adam_free(cf_adam *adam);

/* The learning rate of steps that a graph takes, where their device is not the CPU. */
CF_API cf_status *cf_adam_set_rate(cf_adam *adam, double learning_rate);

/* ---- recording -------------------------------------------------------------------------- */

/* Until cf_graph_end what the calling thread asks a device for is recorded in a graph and not done; *out is
 * NULL, and nothing is recorded, where that cannot be. Meanwhile cf_tensor_copy_of and cf_upload return
 * tensors of arbitrary values, the graph's inputs in this order, and reads begin with every launch. What
 * waits for the device, or seeds, fails. The caller frees the graph with cf_graph_free. */
CF_API cf_status *cf_graph_begin(int32_t device, int32_t device_index, cf_graph **out);
/* Fails if something was asked for that cannot be recorded; the thread records no longer either way. */
CF_API cf_status *cf_graph_end(cf_graph *graph);
/* Begins to copy the elements of an input for the launch that follows. */
CF_API cf_status *cf_graph_input(cf_graph *graph, int32_t index, const void *data, int64_t bytes);
/* The same from what cf_host_tensor returned. */
CF_API cf_status *cf_graph_upload(cf_graph *graph, int32_t index, const cf_tensor *host);
/* Begins to do what was recorded, and to read what was read. */
CF_API cf_status *cf_graph_launch(cf_graph *graph);
/* The reads that were begun while it was recorded must not be used any more. */
CF_API void cf_graph_free(cf_graph *graph);

/* ---- several processes ------------------------------------------------------------------ */

/* Where the processes of a group find each other: one of them is the server, at `port` of this
 * machine (0: any that is free), and the others connect to it at `host`. */
CF_API cf_status *cf_store_new(const char *host, int32_t port, int32_t server, int64_t timeout_ms,
                               cf_store **out);
CF_API int32_t cf_store_port(const cf_store *store);
CF_API void cf_store_free(cf_store *store);

/* The group of `size` processes of which this is number `rank`, once all have called this with the same
 * store; afterwards all call the same functions with it in the same order. Gradients are on `device`,
 * the current one of its kind. Gloo listens on a network interface, or else on the address, where those
 * are not NULL. No operation takes longer than the timeout. */
CF_API cf_status *cf_group_new(const cf_store *store, const char *interface, const char *address,
                               int32_t device, int32_t rank, int32_t size, int64_t timeout_ms,
                               cf_group **out);
/* Replaces every value by its sum over all processes, the same bits in each. */
CF_API cf_status *cf_group_sum(cf_group *group, double *values, int64_t count);
CF_API void cf_group_free(cf_group *group);

/* Adds up gradients over the processes of a group, of the same parameters in the same order. Shares
 * the group's connections, which must not be used between cf_reduction_arm and cf_reduction_finish.
 * A parameter has one reduction at a time. */
CF_API cf_status *cf_reduction_new(cf_group *group, const cf_tensor *const *parameters,
                                   int32_t count, cf_reduction **out);
/* The backward passes from now on are the last before cf_reduction_finish: what they complete may be
 * sent while they go on. */
CF_API cf_status *cf_reduction_arm(cf_reduction *reduction);
/* Every gradient is the sum over all processes now, on each of them; a process may have had none. So
 * is every one of the values, which travel along. */
CF_API cf_status *cf_reduction_finish(cf_reduction *reduction, double *sums, int64_t count);
CF_API void cf_reduction_free(cf_reduction *reduction);

#ifdef __cplusplus
}
#endif

#endif
