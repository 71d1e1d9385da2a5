//! Capacity curves: the Universal Scalability Law, queues with servers, and the knee.
