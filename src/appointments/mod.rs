//! When people come: openings, slots, seats, bookings.
