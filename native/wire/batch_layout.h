// Record batch v2 as it lies in a file and on the wire. The only place that knows these numbers.
#pragma once
#include <cstddef>
#include <cstdint>

namespace milena::batch_layout {

inline constexpr size_t base_offset = 0;        // i64, outside of the CRC
inline constexpr size_t length = 8;             // i32, bytes from leader_epoch to the end
inline constexpr size_t leader_epoch = 12;      // i32, outside of the CRC
inline constexpr size_t magic = 16;             // i8, 2
inline constexpr size_t crc = 17;               // u32, CRC32C of [attributes, end)
inline constexpr size_t attributes = 21;        // i16
inline constexpr size_t last_offset_delta = 23; // i32
inline constexpr size_t base_timestamp = 27;    // i64, or the delete horizon when its attribute is set
inline constexpr size_t max_timestamp = 35;     // i64
inline constexpr size_t producer_id = 43;       // i64
inline constexpr size_t producer_epoch = 51;    // i16
inline constexpr size_t base_sequence = 53;     // i32
inline constexpr size_t record_count = 57;      // i32
inline constexpr size_t header_size = 61;       // records, perhaps compressed, follow
inline constexpr size_t overhead = 12;          // what `length` does not count

static_assert(length == base_offset + 8 && leader_epoch == length + 4 && magic == leader_epoch + 4);
static_assert(crc == magic + 1 && attributes == crc + 4 && last_offset_delta == attributes + 2);
static_assert(base_timestamp == last_offset_delta + 4 && max_timestamp == base_timestamp + 8);
static_assert(producer_id == max_timestamp + 8 && producer_epoch == producer_id + 8);
static_assert(base_sequence == producer_epoch + 2 && record_count == base_sequence + 4);
static_assert(header_size == record_count + 4 && overhead == leader_epoch);

inline constexpr int8_t magic_v2 = 2;

inline constexpr uint16_t compression_mask = 0x07;
inline constexpr uint16_t log_append_time_bit = 0x08;
inline constexpr uint16_t transactional_bit = 0x10;
inline constexpr uint16_t control_bit = 0x20;
inline constexpr uint16_t delete_horizon_bit = 0x40;

}  // namespace milena::batch_layout
