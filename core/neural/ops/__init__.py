"""Operations that several modules share: masking, dropout, fused projections, sparse gradients."""
