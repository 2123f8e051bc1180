"""Operations that several modules share: masking, dropout, precision, fused projections, sparse gradients."""
